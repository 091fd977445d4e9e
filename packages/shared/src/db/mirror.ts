/**
 * mirror.ts: chats whose deletions are mirrored: messages that were deleted in Telegram go from the archive, with their versions. Links on disk
 * are noted in the same transaction, and removed afterwards by media workers. Of many at once the person is asked first.
 */
import { secondLookHours } from './deleted-messages.js';
import { lockChat, type Whose } from './coverage.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { table } from './media.js';
import { ownerOf } from './messages.js';
import { askRecheck } from './rechecks.js';
import { Prisma } from './sql-text.js';
import { mediaKinds } from './words.js';

/** More than so many messages, or this share of a chat, go within a day only after the person allowed it. */
const mostInADay = 100;
const mostShare = 0.2;
/** So few go from any chat, however small. */
const fewInADay = 5;
/** More than so many are not counted for a question. */
export const mostCounted = 10_000;
/** Messages of one transaction, and transactions of one call. */
const batch = 100;
const mostBatches = 20;

/** SQL: a message that may go. One that was missing is looked for again a day later; that look moved its as_of. */
const isGone = Prisma.sql`deleted_at IS NOT NULL AND (deleted_reason <> 'missing'
  OR as_of >= deleted_at + make_interval(hours => ${secondLookHours}))`;

export interface Wave {
  /** Messages that are to go, and that went without being asked for in the last day. */
  waiting: number;
  removed: number;
  /** Messages that are stored of the chat. */
  stored: number;
}

/** Whether so many messages may go without asking the person. Pure. */
export function mayGo({ waiting, removed, stored }: Wave): boolean {
  const inADay = waiting + removed;
  return inADay <= fewInADay || (inADay <= mostInADay && inADay <= (stored + removed) * mostShare);
}

/** Deleted messages of a chat that wait for the person's answer. */
export interface DeletionQuestion {
  chatId: bigint;
  title: string;
  /** At most {@link mostCounted}. */
  messages: number;
}

export interface Mirrored {
  removed: number;
  questions: DeletionQuestion[];
}

interface MirrorChat extends Whose {
  accountId: bigint;
  title: string;
  files: boolean;
  allowedAt: Date;
  removed: number;
}

/** Removes what may go of every chat whose deletions are mirrored; what waits for an answer stays. */
export async function mirrorDeletions(db: Db): Promise<Mirrored> {
  const chats = await sql(db).$queryRaw<{ chatId: bigint; accountId: bigint }[]>`
    SELECT chat_id AS "chatId", account_id AS "accountId" FROM dialog
    WHERE wanted AND deletions = 'mirror' AND EXISTS (SELECT FROM message m WHERE m.chat_id = dialog.chat_id AND ${isGone})
    ORDER BY chat_id`;
  const result: Mirrored = { removed: 0, questions: [] };
  for (const it of chats) {
    for (let batches = 1, more = true; more; batches++) {
      const { removed, question } = await mirrorChat(db, { ...it, ownerId: ownerOf(it) });
      result.removed += removed;
      more = removed === batch && batches < mostBatches;
      if (question && !more) result.questions.push(question);
    }
  }
  return result;
}

/** Those of private chats and basic groups name no chat. */
const tombstoneChat = ({ chatId, ownerId }: Whose) => (ownerId === 0n ? chatId : 0n);

/** A batch of what may go. What went before, and came back with a page that was asked for earlier, is not asked about again. */
async function mirrorChat(
  db: Db,
  whose: Whose & { accountId: bigint },
): Promise<{ removed: number; question?: DeletionQuestion }> {
  return await inTransaction(db, async (tx) => {
    await lockChat(tx, whose.chatId);
    const chat = await lockDialog(tx, whose);
    if (!chat) return { removed: 0 };
    const free = Prisma.sql`(deleted_at <= ${chat.allowedAt} OR EXISTS (SELECT FROM tombstone t WHERE t.owner_id = ${chat.ownerId}
      AND t.chat_id = ${tombstoneChat(chat)} AND t.id = message.id))`;
    const allowed = await messagesThat(tx, chat, free);
    const others = await messagesThat(tx, chat, Prisma.sql`NOT ${free}`);
    const wave = { waiting: others.length, removed: chat.removed, stored: await storedOf(tx, chat) };
    const isFree = mayGo(wave);
    const removed = await removeMessages(tx, chat, [...allowed, ...(isFree ? others : [])].slice(0, batch));
    const unasked = isFree ? removed.filter((it) => others.includes(it)).length : 0;
    if (unasked > 0) await countRemoved(tx, chat, unasked);
    if (isFree || others.length === 0) return { removed: removed.length };
    const messages = await countGone(tx, chat);
    return { removed: removed.length, question: { chatId: chat.chatId, title: chat.title, messages } };
  });
}

async function lockDialog(tx: Tx, whose: Whose & { accountId: bigint }): Promise<MirrorChat | undefined> {
  const { chatId, accountId } = whose;
  const [row] = await sql(tx).$queryRaw<Omit<MirrorChat, keyof typeof whose>[]>`
    SELECT title, mirror_files AS files, coalesce(mirror_allowed_at, to_timestamp(0)) AS "allowedAt",
      (SELECT coalesce(sum(messages), 0)::int FROM removal r WHERE r.chat_id = ${chatId} AND r.account_id = ${accountId}
        AND removed_at > now() - interval '1 day') AS removed
    FROM dialog JOIN chat ON chat.id = chat_id
    WHERE chat_id = ${chatId} AND account_id = ${accountId} AND wanted AND deletions = 'mirror' FOR UPDATE OF dialog`;
  return row && { ...whose, ...row };
}

/** Their ids, somewhat more than may go without a question. */
async function messagesThat(
  tx: Tx,
  { chatId, ownerId }: Whose,
  condition: ReturnType<typeof Prisma.sql>,
): Promise<bigint[]> {
  const rows = await sql(tx).$queryRaw<{ id: bigint }[]>`
    SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND ${isGone} AND ${condition}
    ORDER BY id LIMIT ${mostInADay + 1}`;
  return rows.map((it) => it.id);
}

/** As far as it matters: of a large chat the share is never reached before the number is. */
async function storedOf(tx: Tx, { chatId, ownerId }: Whose): Promise<number> {
  const [row] = await sql(tx).$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} LIMIT ${mostInADay / mostShare}) counted`;
  return row!.count;
}

async function countGone(tx: Tx, { chatId, ownerId }: Whose): Promise<number> {
  const [row] = await sql(tx).$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND ${isGone} LIMIT ${mostCounted}) counted`;
  return row!.count;
}

/** Remembered for a day. */
async function countRemoved(tx: Tx, { chatId, accountId }: MirrorChat, count: number): Promise<void> {
  await sql(tx).$executeRaw`
    DELETE FROM removal WHERE chat_id = ${chatId} AND account_id = ${accountId} AND removed_at <= now() - interval '1 day'`;
  await sql(tx)
    .$executeRaw`INSERT INTO removal (account_id, chat_id, messages) VALUES (${accountId}, ${chatId}, ${count})`;
}

/**
 * Removes messages, and notes their links for the media workers. Those with a file that a worker is just linking stay until that is over. What
 * Telegram said to be deleted is remembered, so that a page that was asked for before does not bring it back. Returns which went.
 */
async function removeMessages(tx: Tx, chat: MirrorChat, ids: readonly bigint[]): Promise<bigint[]> {
  if (ids.length === 0) return [];
  const { chatId, ownerId } = chat;
  const busy = await lockOwedMedia(tx, chat, ids);
  const locked = await sql(tx).$queryRaw<{ id: bigint }[]>`
    SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${[...ids]}::bigint[]) AND ${isGone}
      AND id <> ALL(${busy}::bigint[]) ORDER BY id FOR UPDATE`;
  const going = locked.map((it) => it.id);
  await sql(tx).$executeRaw`
    INSERT INTO unlinking (kind, media_id, chat_id, message_id, folder, name, link_key, with_file)
    SELECT kind, media_id, chat_id, message_id, link_folder, link_name, link_key, ${chat.files} FROM message_media
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND message_id = ANY(${going}::bigint[]) AND (link_name IS NOT NULL OR ${chat.files})`;
  await sql(tx).$executeRaw`
    INSERT INTO tombstone (chat_id, owner_id, id, deleted_at) SELECT ${tombstoneChat(chat)}, owner_id, id, deleted_at FROM message
    WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${going}::bigint[]) AND deleted_reason <> 'missing'
    ON CONFLICT DO NOTHING`;
  await sql(tx).$executeRaw`
    DELETE FROM message_version WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${going}::bigint[])`;
  await sql(tx).$executeRaw`
    DELETE FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id = ANY(${going}::bigint[])`;
  return going;
}

/** Whoever claims one of these media afterwards no longer finds the link. Returns the messages whose media are claimed now. */
async function lockOwedMedia(tx: Tx, { chatId, ownerId }: Whose, ids: readonly bigint[]): Promise<bigint[]> {
  const busy: bigint[] = [];
  for (const kind of mediaKinds) {
    const media = await sql(tx).$queryRaw<{ id: bigint; isClaimed: boolean }[]>`
      SELECT id, coalesce(claimed_until > now(), false) AS "isClaimed" FROM ${table(kind)} WHERE id IN (
        SELECT media_id FROM message_media WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND message_id = ANY(${[...ids]}::bigint[])
          AND kind = ${kind} AND link = 'pending') ORDER BY id FOR UPDATE`;
    const claimed = media.filter((it) => it.isClaimed).map((it) => it.id);
    if (claimed.length === 0) continue;
    const messages = await sql(tx).$queryRaw<{ id: bigint }[]>`
      SELECT DISTINCT message_id AS id FROM message_media WHERE chat_id = ${chatId} AND owner_id = ${ownerId}
        AND message_id = ANY(${[...ids]}::bigint[]) AND kind = ${kind} AND media_id = ANY(${claimed})`;
    busy.push(...messages.map((it) => it.id));
  }
  return busy;
}

/** The person's answer: what was deleted until now may go. Returns how many messages that are, as far as they are counted. */
export async function allowDeletions(db: Db, chat: { chatId: bigint; accountId: bigint }): Promise<number> {
  const { chatId, accountId } = chat;
  return await inTransaction(db, async (tx) => {
    await sql(tx).$executeRaw`
      UPDATE dialog SET mirror_allowed_at = now() WHERE chat_id = ${chatId} AND account_id = ${accountId}`;
    return await countGone(tx, { chatId, ownerId: ownerOf(chat) });
  });
}

/** Asks for a second look at what has been missing for a day, where deletions are mirrored. */
export async function lookForMissingAgain(db: Db): Promise<void> {
  const due = await sql(db).$queryRaw<(Whose & { from: bigint; to: bigint })[]>`
    SELECT m.chat_id AS "chatId", m.owner_id AS "ownerId", min(id) AS from, max(id) AS to FROM message m JOIN dialog USING (chat_id)
    WHERE wanted AND state = 'ok' AND deletions = 'mirror' AND m.owner_id IN (0, account_id) AND deleted_reason = 'missing'
      AND deleted_at <= now() - make_interval(hours => ${secondLookHours})
      AND as_of < deleted_at + make_interval(hours => ${secondLookHours}) AND id > coalesce(available_min_id, 0)
    GROUP BY 1, 2 ORDER BY 1, 2`;
  for (const { from, to, ...whose } of due)
    await inTransaction(db, (tx) => askRecheck(tx, whose, { from, to }, 'missing'));
}
