/** recheck-status.ts: what a person may know of rechecks, and ask for. */
import type { IdRange, RecheckedRange } from '../coverage/index.js';
import { type Db, inTransaction, sql } from './handle.js';
import { ownerOf } from './messages.js';
import { askRecheck } from './rechecks.js';
import type { RecheckReason } from './words.js';

/** A recheck that is not finished. */
export interface RecheckProgress {
  reason: RecheckReason;
  askedAt: Date;
  /** What was asked for, and down to which id it is done. */
  range: IdRange;
  left: IdRange;
}

/** Of each chat: what is to be rechecked, and which ranges were, ascending. */
export interface RecheckStatus {
  rechecks: RecheckProgress[];
  rechecked: RecheckedRange[];
}

type Row<T> = T & { chatId: bigint };

/** By chat id; chats without either are left out. */
export async function recheckStatuses(db: Db): Promise<Map<bigint, RecheckStatus>> {
  const waiting = await sql(db).$queryRaw<
    Row<{ reason: RecheckReason; askedAt: Date; from: bigint; to: bigint; top: bigint }>[]
  >`
    SELECT chat_id AS "chatId", reason, asked_at AS "askedAt", from_id AS from, to_id AS to, top_id AS top FROM recheck ORDER BY asked_at, id`;
  const done = await sql(db).$queryRaw<Row<RecheckedRange>[]>`
    SELECT chat_id AS "chatId", from_id AS from, to_id AS to, since FROM rechecked ORDER BY chat_id, from_id`;
  const statuses = new Map<bigint, RecheckStatus>();
  const of = (chatId: bigint) => {
    const status = statuses.get(chatId) ?? { rechecks: [], rechecked: [] };
    statuses.set(chatId, status);
    return status;
  };
  for (const { chatId, reason, askedAt, from, to, top } of waiting)
    of(chatId).rechecks.push({ reason, askedAt, range: { from, to: top }, left: { from, to } });
  for (const { chatId, ...it } of done) of(chatId).rechecked.push(it);
  return statuses;
}

/** A person asks for a recheck of what is stored between two ids (0: no limit). Returns how many messages that are; 0: nothing was asked for. */
export async function askResync(
  db: Db,
  chat: { chatId: bigint; accountId: bigint },
  { from, to }: IdRange,
): Promise<number> {
  const whose = { chatId: chat.chatId, ownerId: ownerOf(chat) };
  return await inTransaction(db, async (tx) => {
    const [row] = await sql(tx).$queryRaw<{ messages: number; last: bigint | null }[]>`
      SELECT count(*)::int AS messages, max(id) AS last FROM message
      WHERE chat_id = ${whose.chatId} AND owner_id = ${whose.ownerId} AND id >= ${from} AND (${to}::bigint = 0 OR id <= ${to})
        AND (deleted_at IS NULL OR deleted_reason = 'missing')`;
    const { messages, last } = row!;
    if (last === null) return 0;
    await askRecheck(tx, whose, { from: from > 0n ? from : 1n, to: last }, 'resync');
    return messages;
  });
}
