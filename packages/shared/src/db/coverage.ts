/** coverage.ts: which message ids of a chat have been read. Only proven ranges are added. */
import { type IdRange, subtract, union } from '../coverage/index.js';
import type { MediaRules } from '../rules/index.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { Prisma } from './sql-text.js';

/** A chat, and the account that its messages belong to (0: the same for everybody). */
export interface Whose {
  chatId: bigint;
  ownerId: bigint;
}

/** Adds a proven range, merged with those it touches. The caller holds the chat's lock (see lockChat). */
export async function addCoverage(tx: Tx, { chatId, ownerId }: Whose, { from, to }: IdRange): Promise<void> {
  await sql(tx).prepared.$executeRaw`
    WITH touched AS (
      DELETE FROM coverage WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND from_id <= ${to}::bigint + 1 AND to_id >= ${from}::bigint - 1
      RETURNING from_id, to_id
    )
    INSERT INTO coverage (chat_id, owner_id, from_id, to_id)
    SELECT ${chatId}, ${ownerId}, least(min(from_id), ${from}::bigint), greatest(max(to_id), ${to}::bigint) FROM touched`;
}

/** The same, but for messages that could not be stored: those are owed again in a day, and until then count as not visible. */
export async function addCoverageWithout(
  tx: Tx,
  whose: Whose,
  range: IdRange,
  unstored: readonly bigint[],
): Promise<void> {
  const ids = unstored.filter((id) => id >= range.from && id <= range.to);
  for (const it of subtract(range, union(ids.map((id) => ({ from: id, to: id }))))) await addCoverage(tx, whose, it);
  if (ids.length === 0) return;
  const { chatId, ownerId } = whose;
  await sql(tx).$executeRaw`
    INSERT INTO not_visible (chat_id, owner_id, from_id, to_id, sampled_at)
    SELECT ${chatId}::bigint, ${ownerId}::bigint, id, id, now() - make_interval(days => ${sampledAgainDays - 1})
    FROM unnest(${ids}::bigint[]) AS x(id)
    ON CONFLICT (chat_id, owner_id, from_id) DO UPDATE SET sampled_at = greatest(not_visible.sampled_at, excluded.sampled_at)`;
}

/** The rules for media of a chat. Read after the chat was locked, they are the ones in force. */
export async function rulesOf(tx: Tx, chatId: bigint): Promise<MediaRules> {
  const rows = await sql(tx).$queryRaw<
    { rules: MediaRules }[]
  >`SELECT rules FROM dialog WHERE chat_id = ${chatId} LIMIT 1`;
  return rows[0]?.rules ?? [];
}

/** Serialises the writers of one chat until their transactions end; returns up to which pts a channel's updates were applied. */
export async function lockChat(tx: Tx, chatId: bigint): Promise<number | null> {
  const rows = await sql(tx).prepared.$queryRaw<
    { pts: number | null }[]
  >`SELECT pts FROM chat WHERE id = ${chatId} FOR UPDATE`;
  return rows[0]?.pts ?? null;
}

/** How long an invisible head is not requested again. It may be deleted, or become visible one day. */
const sampledAgainDays = 30;
/** SQL: a row of `not_visible` still holds. */
export const isSampledRecently = Prisma.sql`sampled_at > now() - make_interval(days => ${sampledAgainDays})`;

/** Records that no history shows a range, and that samples by id found nothing in it. */
export async function recordNotVisible(db: Db, { chatId, ownerId }: Whose, { from, to }: IdRange): Promise<void> {
  await inTransaction(db, async (tx) => {
    await lockChat(tx, chatId);
    await sql(tx)
      .$executeRaw`DELETE FROM not_visible WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND from_id <= ${to} AND to_id >= ${from}`;
    await sql(tx)
      .$executeRaw`INSERT INTO not_visible (chat_id, owner_id, from_id, to_id) VALUES (${chatId}, ${ownerId}, ${from}, ${to})`;
  });
}

/** The ranges recently found not visible, ascending, by chat id. */
export async function notVisibleOf(db: Db, chatIds: readonly bigint[]): Promise<Map<bigint, IdRange[]>> {
  const rows = await sql(db).$queryRaw<{ chatId: bigint; from: bigint; to: bigint }[]>`
    SELECT chat_id AS "chatId", from_id AS from, to_id AS to FROM not_visible
    WHERE chat_id = ANY(${[...chatIds]}) AND ${isSampledRecently}
    ORDER BY chat_id, from_id`;
  const byChat = new Map<bigint, IdRange[]>();
  for (const { chatId, ...range } of rows) byChat.set(chatId, [...(byChat.get(chatId) ?? []), range]);
  return byChat;
}

/** The ranges that are not owed: read or not visible. Ascending, not touching, by chat id. */
export async function settledOf(db: Db, chatIds: readonly bigint[]): Promise<Map<bigint, IdRange[]>> {
  const covered = await coverageOf(db, chatIds);
  for (const [chatId, ranges] of await notVisibleOf(db, chatIds))
    covered.set(chatId, union([...(covered.get(chatId) ?? []), ...ranges]));
  return covered;
}

/** The covered ranges of some chats, ascending, by chat id. */
export async function coverageOf(db: Db, chatIds: readonly bigint[]): Promise<Map<bigint, IdRange[]>> {
  const rows = await sql(db).$queryRaw<{ chatId: bigint; from: bigint; to: bigint }[]>`
    SELECT chat_id AS "chatId", from_id AS from, to_id AS to FROM coverage WHERE chat_id = ANY(${[...chatIds]})
    ORDER BY chat_id, from_id`;
  const byChat = new Map<bigint, IdRange[]>(chatIds.map((it) => [it, []]));
  for (const { chatId, ...range } of rows) byChat.get(chatId)?.push(range);
  return byChat;
}
