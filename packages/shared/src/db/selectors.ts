/** selectors.ts: the keys of tg.chats that are no ids (usernames, folders, "*"), and the chats that Telegram's answers made of them. */
import type { ChatSelector, WantedChat } from '../config/index.js';
import { theAccount } from './archive.js';
import { chooseChats, type Choice } from './choose-chats.js';
import { asRows } from './rows.js';
import { applySelectors } from './settings.js';
import type { SelectorKind } from './words.js';
import { type Db, inTransaction, sql } from './handle.js';

export interface SelectorRow {
  /** "@name", "folder:Title" or "*". */
  text: string;
  kind: Exclude<SelectorKind, 'id'>;
  /** Kinds of chats, ids, "@name". */
  exclude: string[];
  /** By the last complete answer; a name has one chat for ever. */
  chatIds: bigint[];
  /** The main username of a name's chat: when it was resolved, and now. */
  username: string | null;
  usernameNow: string | null;
  note: string | null;
  problem: string | null;
  triedAt: Date | null;
  retryAt: Date | null;
}

/** What tg.chats names other than by id, and the usernames that its "*" leaves out, in the order of tg.chats. */
export async function selectorRows(db: Db): Promise<SelectorRow[]> {
  return await sql(db).$queryRaw<SelectorRow[]>`
    SELECT text, selector.kind, exclude, chat_ids AS "chatIds", selector.username, chat.username AS "usernameNow", note, problem,
      tried_at AS "triedAt", retry_at AS "retryAt"
    FROM selector LEFT JOIN chat ON selector.kind = 'name' AND chat.id = chat_ids[1]
    WHERE selector.kind <> 'id' AND account_id = ${theAccount} AND (position IS NOT NULL OR EXISTS (
      SELECT FROM selector everything WHERE everything.position IS NOT NULL AND everything.exclude ? selector.text))
    ORDER BY position, text`;
}

/** A chat that a folder names, of which nothing but its access hash may be known yet. */
export interface NamedChat {
  id: bigint;
  accessHash: bigint | null;
}

export interface Resolved {
  /** Chats that it means now and did not before. */
  added: bigint[];
  dropped: bigint[];
}

/**
 * Records Telegram's complete answer: the selector means exactly these chats, and what is wanted follows at once. `chats` are those of
 * which no list of dialogs may have told yet.
 */
export async function recordResolved(
  db: Db,
  text: string,
  chatIds: readonly bigint[],
  { chats = [], username = null }: { chats?: readonly NamedChat[]; username?: string | null } = {},
): Promise<Resolved> {
  return await inTransaction(db, async (tx) => {
    // Whoever records settings or another answer comes before or after this, as what is wanted follows from all selectors.
    await sql(tx).$queryRaw`SELECT FROM settings FOR UPDATE`;
    const [row] = await sql(tx).$queryRaw<{ before: bigint[] }[]>`
      SELECT chat_ids AS before FROM selector WHERE text = ${text} AND account_id = ${theAccount}`;
    if (!row) return { added: [], dropped: [] }; // an edit removed it meanwhile
    const added = chatIds.filter((it) => !row.before.includes(it));
    const dropped = row.before.filter((it) => !chatIds.includes(it));
    await sql(tx).$executeRaw`
      UPDATE selector SET chat_ids = ${[...chatIds]}::bigint[], username = ${username}, problem = NULL, tried_at = now(), retry_at = NULL,
        changed_at = CASE WHEN ${added.length + dropped.length > 0} OR changed_at IS NULL THEN now() ELSE changed_at END
      WHERE text = ${text} AND account_id = ${theAccount}`;
    if (added.length + dropped.length === 0) return { added, dropped };
    await applySelectors(tx);
    await sql(tx).$executeRaw`
      UPDATE dialog SET access_hash = x."accessHash" FROM jsonb_to_recordset(${asRows(chats)}::jsonb) AS x(id bigint, "accessHash" bigint)
      WHERE chat_id = x.id AND account_id = ${theAccount} AND access_hash IS NULL AND x."accessHash" IS NOT NULL`;
    return { added, dropped };
  });
}

/** Records why a selector cannot be resolved; it is retried after `retryMs` milliseconds, and means the same chats as before. */
export async function recordUnresolved(db: Db, text: string, problem: string, retryMs: number): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE selector SET problem = ${problem}, tried_at = now(), retry_at = now() + ${retryMs}::float8 * interval '1 millisecond'
    WHERE text = ${text} AND account_id = ${theAccount}`;
}

/** Records what a person should know about a selector; null: nothing. */
export async function noteSelector(db: Db, text: string, note: string | null): Promise<void> {
  await sql(db)
    .$executeRaw`UPDATE selector SET note = ${note} WHERE text = ${text} AND account_id = ${theAccount} AND note IS DISTINCT FROM ${note}`;
}

/** Usernames of all chats that were ever seen, with their chats. */
export async function knownUsernames(db: Db): Promise<{ id: bigint; title: string; username: string }[]> {
  return await sql(db).$queryRaw`SELECT id, title, username FROM chat WHERE username IS NOT NULL`;
}

export interface SelectorStatus {
  text: string;
  kind: Exclude<SelectorKind, 'id'>;
  /** What it means. `isOwn`: what is wanted of the chat is decided by this selector, not by another one that names it more closely. */
  chats: { id: bigint; title: string; isOwn: boolean }[];
  /** Since when; null: not resolved yet. */
  since: Date | null;
  problem: string | null;
  note: string | null;
}

/** What the keys of tg.chats that are no ids mean, in their order. */
export async function selectorStatuses(db: Db): Promise<SelectorStatus[]> {
  type Row = Choice & Omit<SelectorStatus, 'chats' | 'kind'>;
  const rows = await sql(db).$queryRaw<Row[]>`
    SELECT text, kind, position, chat_ids AS "chatIds", changed_at AS since, problem, note FROM selector
    WHERE position IS NOT NULL AND account_id = ${theAccount} ORDER BY position`;
  const chosen = chooseChats(rows);
  const titles = await sql(db).$queryRaw<{ id: bigint; title: string }[]>`
    SELECT id, title FROM chat WHERE id = ANY(${rows.flatMap((it) => [...it.chatIds])}::bigint[])`;
  const titleOf = new Map(titles.map((it) => [it.id, it.title]));
  return rows.flatMap((row) => {
    const { kind, text, since, problem, note } = row;
    if (kind === 'id') return [];
    const chats = row.chatIds.map((id) => ({ id, title: titleOf.get(id) ?? '', isOwn: chosen.get(id) === row }));
    return [{ text, kind, chats, since, problem, note }];
  });
}

export interface ChatsMeant {
  chats: WantedChat[];
  /** Names, folders and "*" whose chats are not known yet. */
  unresolved: string[];
}

/** The chats that a config.json means which need not be recorded yet, as far as its names and folders were resolved. Reads only. */
export async function chatsMeant(
  db: Db,
  chats: readonly WantedChat[],
  selectors: readonly ChatSelector[],
): Promise<ChatsMeant> {
  const rows = await sql(db).$queryRaw<{ text: string; chatIds: bigint[] }[]>`
    SELECT text, chat_ids AS "chatIds" FROM selector WHERE account_id = ${theAccount} AND changed_at IS NOT NULL`;
  const known = new Map(rows.map((it) => [it.text, it.chatIds]));
  const byId = chats.map(({ id, ...wanted }, position) => ({ kind: 'id' as const, position, chatIds: [id], wanted }));
  const others = selectors.map(({ text, kind, wanted }, position) => {
    return { kind, position, chatIds: known.get(text) ?? [], wanted };
  });
  return {
    chats: [...chooseChats<Choice & Pick<ChatSelector, 'wanted'>>([...byId, ...others])].map(([id, it]) => {
      return { id, ...it.wanted };
    }),
    unresolved: selectors.filter((it) => !known.has(it.text)).map((it) => it.text),
  };
}
