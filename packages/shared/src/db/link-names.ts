/**
 * link-names.ts: where links are, chosen once and kept. No two links have the same path, and no two chats the same folder, also where a
 * file system ignores case. What names look like is not decided here.
 */
import type { PendingLink } from './media.js';
import type { MediaRef } from './messages.js';
import { asRows } from './rows.js';
import { Prisma } from './sql-text.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';

/** What a name can tell of a message. */
export interface NamedMessage {
  chatId: bigint;
  messageId: bigint;
  /** Null if the message is unreadable. */
  date: Date | null;
  caption: string | null;
  /** What the chat is called in folders. */
  title: string;
  /** The title of the topic, or its number while that is unknown; empty outside of topics. */
  topic: string;
}

/** How links are named. Pure: the same is returned for the same arguments. */
export interface LinkNaming {
  /** What a chat is called in folders; undefined: no folder says so. `taken`: what others are called. */
  title: ((chatId: bigint, title: string, taken: readonly string[]) => string) | undefined;
  /** The folder within /media; null: that of the chat's id, with the message id at the start of the name. */
  folder: (message: NamedMessage, taken: readonly string[]) => string | null;
  /** The name of the link; `taken`: names that others have. */
  name: (message: NamedMessage, taken: readonly string[]) => string;
  /** The name in the folder of the chat's id of the only media of a message; undefined: it takes the message to name it. */
  usual: ((messageId: bigint) => string) | undefined;
  /** The same text for paths that a file system may take for one. */
  keyOf: (path: string) => string;
}

/** Where a link is. */
export interface LinkPlace {
  chatId: bigint;
  /** Within /media; null: the folder of the chat's id. */
  folder: string | null;
  name: string;
}

/** Names and folders that the person's own files have. */
export interface TakenPlaces {
  names: string[];
  folders: string[];
}

/** Drops a name that never reached the disk: the next one may differ. */
export async function forgetLinkName(
  db: Db,
  { kind, id }: MediaRef,
  { chatId, messageId }: PendingLink,
): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE message_media SET link_name = NULL, link_folder = NULL, link_key = NULL
    WHERE chat_id = ${chatId} AND message_id = ${messageId} AND kind = ${kind} AND media_id = ${id} AND link = 'pending' AND NOT was_linked`;
}

/**
 * Names links of a media that have no names yet, in one statement: those in messages with no other media, whose usual names nobody else
 * has. Returns them; for all others there is {@link reserveLinkName}.
 */
export async function nameUsualLinks(
  db: Db,
  media: MediaRef,
  links: readonly PendingLink[],
  naming: LinkNaming,
): Promise<(LinkPlace & PendingLink)[]> {
  const names = usualNames(links, naming);
  if (names.length === 0) return [];
  const named = await sql(db).$queryRaw<(PendingLink & { name: string })[]>`${usuallyNamed(media, names)}`;
  return named.map((it) => ({ ...it, folder: null }));
}

export interface UsualName extends PendingLink {
  name: string;
  key: string;
}

/** The usual names of links; none if names are by a template. */
export function usualNames(links: readonly PendingLink[], { usual, keyOf }: LinkNaming): UsualName[] {
  if (!usual) return [];
  return links.map(({ chatId, messageId }) => {
    const name = usual(messageId);
    return { chatId, messageId, name, key: keyOf(`${chatId}/${name}`) };
  });
}

/** SQL: gives links of a media their usual names where that is safe, and returns those. */
export const usuallyNamed = (
  { kind, id }: MediaRef,
  names: readonly UsualName[],
  condition = Prisma.sql`true`,
) => Prisma.sql`
  UPDATE message_media m SET link_name = x.name
  FROM jsonb_to_recordset(${asRows(names)}::jsonb) AS x("chatId" bigint, "messageId" bigint, name text, key text)
  WHERE m.chat_id = x."chatId" AND m.message_id = x."messageId" AND m.kind = ${kind} AND m.media_id = ${id}
    AND m.link = 'pending' AND m.link_name IS NULL AND ${condition}
    AND NOT EXISTS (
      SELECT FROM message_media other WHERE other.chat_id = x."chatId" AND other.message_id = x."messageId"
        AND (other.kind, other.media_id) <> (${kind}, ${id}))
    AND NOT EXISTS (SELECT FROM message_media other WHERE other.link_key = x.key)
  RETURNING m.chat_id AS "chatId", m.message_id AS "messageId", name`;

/**
 * Names a link permanently; returns the place that counts: an earlier one is kept unless it is taken. The message is locked meanwhile:
 * two of its media may be placed at the same time, and must not choose the same name.
 */
export async function reserveLinkName(
  db: Db,
  media: MediaRef,
  link: PendingLink,
  naming: LinkNaming,
  taken: TakenPlaces = { names: [], folders: [] },
): Promise<LinkPlace> {
  const { chatId, messageId } = link;
  return await inTransaction(db, async (tx) => {
    const message = await lockMessage(tx, link);
    const named = await sql(tx).$queryRaw<{ mine: boolean; folder: string | null; name: string }[]>`
      SELECT kind = ${media.kind} AND media_id = ${media.id} AS mine, link_folder AS folder, link_name AS name FROM message_media
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND link_name IS NOT NULL`;
    const given = named.find((it) => it.mine);
    const isKept = given && !taken.names.includes(given.name) && !taken.folders.includes(given.folder ?? '');
    if (isKept) return { chatId, folder: given.folder, name: given.name };
    if (naming.title) message.title = await folderTitle(tx, link, message.title, naming.title, naming.keyOf);
    const folder = await takeFolder(tx, message, naming, [...taken.folders]);
    const others = named.filter((it) => !it.mine).map((it) => it.name);
    const name = await freeName(tx, message, naming, folder, [...others, ...taken.names]);
    const key = folder === null ? null : naming.keyOf(`${folder}/${name}`);
    await sql(tx).$executeRaw`
      UPDATE message_media SET link_name = ${name}, link_folder = ${folder}, link_key = ${key}
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND kind = ${media.kind} AND media_id = ${media.id}`;
    return { chatId, folder, name };
  });
}

async function lockMessage(tx: Tx, { chatId, messageId }: PendingLink): Promise<NamedMessage> {
  const rows = await sql(tx).$queryRaw<NamedMessage[]>`
    SELECT m.chat_id AS "chatId", m.id AS "messageId", m.date, m.message AS caption, coalesce(chat.title, '') AS title,
      coalesce(nullif(topic.title, ''), m.topic_id::text, '') AS topic
    FROM message m LEFT JOIN chat ON chat.id = m.chat_id
    LEFT JOIN topic ON topic.chat_id = m.chat_id AND topic.owner_id = m.owner_id AND topic.id = m.topic_id
    WHERE m.chat_id = ${chatId} AND m.id = ${messageId} FOR UPDATE OF m`;
  return rows[0] ?? { chatId, messageId, date: null, caption: null, title: '', topic: '' };
}

/** What a chat is called in folders: given once, as folders should not move when a title changes. */
async function folderTitle(
  tx: Tx,
  { chatId }: PendingLink,
  title: string,
  choose: NonNullable<LinkNaming['title']>,
  keyOf: LinkNaming['keyOf'],
): Promise<string> {
  if (title === '') return `${chatId}`; // not known yet, so nothing to keep
  for (const taken: string[] = []; ;) {
    const rows = await sql(tx).$queryRaw<{ title: string }[]>`SELECT title FROM folder_title WHERE chat_id = ${chatId}`;
    if (rows[0]) return rows[0].title;
    const chosen = choose(chatId, title, taken);
    const given = await sql(tx).$executeRaw`
      INSERT INTO folder_title (chat_id, title, key) VALUES (${chatId}, ${chosen}, ${keyOf(chosen)}) ON CONFLICT DO NOTHING`;
    if (given === 1) return chosen;
    taken.push(chosen);
  }
}

/** The first folder that no other chat has. */
async function takeFolder(tx: Tx, message: NamedMessage, naming: LinkNaming, taken: string[]): Promise<string | null> {
  for (;;) {
    const folder = naming.folder(message, taken);
    if (folder === null) return null;
    const key = naming.keyOf(folder);
    const owner = async () =>
      (await sql(tx).$queryRaw<{ id: bigint }[]>`SELECT chat_id AS id FROM chat_folder WHERE key = ${key}`)[0]?.id;
    if ((await owner()) === undefined)
      await sql(tx).$executeRaw`
        INSERT INTO chat_folder (key, chat_id) VALUES (${key}, ${message.chatId}) ON CONFLICT DO NOTHING`;
    if ((await owner()) === message.chatId) return folder;
    taken.push(folder);
  }
}

/** The first name that no other link has in this folder. */
async function freeName(
  tx: Tx,
  message: NamedMessage,
  naming: LinkNaming,
  folder: string | null,
  taken: string[],
): Promise<string> {
  for (;;) {
    const name = naming.name(message, taken);
    if (!(await isTaken(tx, message, naming, folder ?? `${message.chatId}`, name))) return name;
    taken.push(name);
  }
}

/** Links in the folder of the chat's id may have names with and without a key, after templates changed. */
async function isTaken(
  tx: Tx,
  { chatId, messageId }: NamedMessage,
  { keyOf }: LinkNaming,
  folder: string,
  name: string,
): Promise<boolean> {
  const key = keyOf(`${folder}/${name}`);
  const keyed = await sql(tx).$queryRaw<unknown[]>`
    SELECT FROM message_media WHERE link_key = ${key} AND (chat_id, message_id) <> (${chatId}, ${messageId})`;
  if (keyed.length > 0) return true;
  const other = /^\d{1,18}(?!\d)/.exec(name)?.[0];
  if (folder !== `${chatId}` || other === undefined || BigInt(other) === messageId) return false;
  const names = await linkNamesOf(tx, chatId, [BigInt(other)]);
  return names.some((it) => keyOf(`${folder}/${it}`) === key);
}

/** The names of links of some messages in the folder of their chat's id. */
export async function linkNamesOf(it: Db | Tx, chatId: bigint, messageIds: readonly bigint[]): Promise<string[]> {
  const rows = await sql(it).$queryRaw<{ name: string }[]>`
    SELECT link_name AS name FROM message_media
    WHERE chat_id = ${chatId} AND message_id = ANY(${[...messageIds]}::bigint[]) AND link_name IS NOT NULL AND link_folder IS NULL
    UNION ALL SELECT name FROM unlinking
    WHERE chat_id = ${chatId} AND message_id = ANY(${[...messageIds]}::bigint[]) AND name IS NOT NULL AND folder IS NULL`;
  return rows.map((row) => row.name);
}

/** Those of some paths, as keys, that are links, or are about to be removed. */
export async function linkKeysAmong(db: Db, keys: readonly string[]): Promise<Set<string>> {
  const rows = await sql(db).$queryRaw<{ key: string }[]>`
    SELECT link_key AS key FROM message_media WHERE link_key = ANY(${[...keys]}::text[])
    UNION ALL SELECT link_key AS key FROM unlinking WHERE link_key = ANY(${[...keys]}::text[])`;
  return new Set(rows.map((it) => it.key));
}

/** Those of some folders, as keys, that belong to a chat or hold folders that do. */
export async function chatFoldersAmong(db: Db, keys: readonly string[]): Promise<Set<string>> {
  const rows = await sql(db).$queryRaw<{ key: string }[]>`
    SELECT key FROM unnest(${[...keys]}::text[]) AS x(key) WHERE EXISTS (
      SELECT FROM chat_folder WHERE chat_folder.key = x.key COLLATE "C"
        OR chat_folder.key > (x.key || '/') COLLATE "C" AND chat_folder.key < (x.key || '0') COLLATE "C")`;
  return new Set(rows.map((it) => it.key));
}
