/**
 * rechecks.ts: which stored messages are to be read again by id, and how far that is. A recheck is a range of ids of a chat, read from its top
 * downward; what is left of it is a row. Which ranges were read again, and since when, stays in `rechecked`.
 */
import type { IdRange } from '../coverage/index.js';
import type { ChatRow } from './chats.js';
import type { Whose } from './coverage.js';
import { askPins } from './pins.js';
import { secondLookHours } from './deleted-messages.js';
import { type Db, sql, type Tx } from './handle.js';
import { type RecheckReason, recheckReasons } from './words.js';

/** Time for each id, so that no more than some 300 are asked for in half a minute: what Telegram allows in practice. */
const msPerId = 100;
/** A call costs as much as some ids, however few it asks for. */
const leastMs = 1000;
/** A recheck that failed. */
const retryHours = 1;

export interface Recheck extends Whose {
  id: bigint;
  range: IdRange;
  reason: RecheckReason;
  /** Messages that were read or told later need no recheck. */
  askedAt: Date;
}

/**
 * Asks for all stored messages of a range to be read again after this moment. One that waits for the same messages or more is enough; those
 * that wait for less are not needed any more. What is missing is asked for again and again: one that failed still waits.
 */
export async function askRecheck(
  tx: Tx,
  { chatId, ownerId }: Whose,
  { from, to }: IdRange,
  reason: RecheckReason,
): Promise<void> {
  const isAsked = reason === 'resync';
  const covered = await sql(tx).$executeRaw`
    UPDATE recheck SET asked_at = CASE reason WHEN 'missing' THEN asked_at ELSE now() END,
      retry_at = CASE reason WHEN 'missing' THEN retry_at END, reason = CASE WHEN ${isAsked}::boolean THEN 'resync' ELSE reason END
    WHERE id = (SELECT id FROM recheck WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND from_id <= ${from} AND to_id >= ${to}
      AND (reason = 'missing') = (${reason}::text = 'missing') ORDER BY id LIMIT 1)`;
  if (covered > 0) return;
  await sql(tx).$executeRaw`
    DELETE FROM recheck WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND from_id >= ${from} AND to_id <= ${to}
      AND (reason <> 'resync' OR ${isAsked}::boolean) AND (reason = 'missing' OR ${reason}::text <> 'missing')`;
  await sql(tx).$executeRaw`
    INSERT INTO recheck (chat_id, owner_id, from_id, to_id, top_id, reason) VALUES (${chatId}, ${ownerId}, ${from}, ${to}, ${to}, ${reason})`;
}

/** Asks for everything that is stored of some chats of an account; after a hole also, and first, for what is pinned there. */
export async function askRecheckOfAll(
  tx: Tx,
  accountId: bigint,
  chatIds: readonly bigint[],
  reason: RecheckReason,
): Promise<void> {
  const tops = await sql(tx).$queryRaw<(Whose & { top: bigint })[]>`
    SELECT chat_id AS "chatId", owner_id AS "ownerId", top FROM unnest(${[...chatIds]}::bigint[]) AS chat_id,
      unnest(ARRAY[0, ${accountId}::bigint]) AS owner_id,
      LATERAL (SELECT max(id) AS top FROM message m WHERE m.chat_id = chat_id.chat_id AND m.owner_id = owner_id.owner_id) newest
    WHERE top IS NOT NULL ORDER BY chat_id`;
  for (const { top, ...whose } of tops) await askRecheck(tx, whose, { from: 1n, to: top }, reason);
  if (reason === 'hole') await askPins(tx, accountId, chatIds);
}

/** Whether something of a readable chat is to be rechecked now, and its account has not just done so. */
export async function isRecheckDue(db: Db): Promise<boolean> {
  const [row] = await sql(db).$queryRaw<{ due: boolean }[]>`
    SELECT EXISTS (SELECT FROM recheck JOIN dialog USING (chat_id) JOIN account ON account.id = account_id
      WHERE wanted AND state = 'ok' AND (recheck.retry_at IS NULL OR recheck.retry_at <= now())
        AND (recheck_after IS NULL OR recheck_after <= now()))
      OR EXISTS (SELECT FROM dialog JOIN account ON account.id = account_id
        WHERE pins_due IS NOT NULL AND wanted AND state = 'ok' AND (recheck_after IS NULL OR recheck_after <= now())) AS due`;
  return row!.due;
}

/** What an account rechecks next, of each reason in turn: the one after `last` is first. */
export async function nextRecheck(
  db: Db,
  accountId: bigint,
  last: RecheckReason | undefined,
): Promise<Recheck | undefined> {
  const first = last === undefined ? 0 : recheckReasons.indexOf(last) + 1;
  const order = [...recheckReasons.slice(first), ...recheckReasons.slice(0, first)];
  const [row] = await sql(db).$queryRaw<(Omit<Recheck, 'range'> & IdRange)[]>`
    SELECT id, recheck.chat_id AS "chatId", owner_id AS "ownerId", from_id AS from, to_id AS to, reason, asked_at AS "askedAt"
    FROM recheck JOIN dialog ON dialog.chat_id = recheck.chat_id AND account_id = ${accountId}
    WHERE wanted AND state = 'ok' AND (recheck.retry_at IS NULL OR recheck.retry_at <= now()) AND owner_id IN (0, ${accountId})
    ORDER BY array_position(${order}::text[], reason), asked_at, id LIMIT 1`;
  if (!row) return undefined;
  const { from, to, ...recheck } = row;
  return { ...recheck, range: { from, to } };
}

/** Ids of the messages of a recheck that are next, newest first, at most `limit`. None: nothing is left of it. */
export async function messagesToRecheck(
  db: Db,
  { chatId, ownerId, range: { from, to }, reason, askedAt }: Recheck,
  limit: number,
): Promise<bigint[]> {
  const rows = await (reason === 'missing'
    ? sql(db).$queryRaw<{ id: bigint }[]>`
      SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id BETWEEN ${from} AND ${to}
        AND deleted_reason = 'missing' AND deleted_at <= now() - make_interval(hours => ${secondLookHours})
        AND as_of < deleted_at + make_interval(hours => ${secondLookHours})
      ORDER BY id DESC LIMIT ${limit}`
    : sql(db).$queryRaw<{ id: bigint }[]>`
      SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id BETWEEN ${from} AND ${to}
        AND (deleted_at IS NULL OR deleted_reason = 'missing') AND (as_of IS NULL OR as_of < ${askedAt})
      ORDER BY id DESC LIMIT ${limit}`);
  return rows.map((it) => it.id);
}

/** How many witnesses are found below and above. */
const witnesses = { below: 3, above: 2 };
export const mostWitnesses = witnesses.below + witnesses.above;

/**
 * Ids of messages near some others of a chat that were there when they were last seen. If Telegram shows one of them, the chat can be read, and
 * what is not in the same answer is missing.
 */
export async function witnessesOf(db: Db, { chatId, ownerId }: Whose, ids: readonly bigint[]): Promise<bigint[]> {
  const top = ids.reduce((most, it) => (it > most ? it : most), 0n);
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    (SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id < ${top} AND deleted_at IS NULL
      AND id <> ALL(${[...ids]}::bigint[]) ORDER BY id DESC LIMIT ${witnesses.below})
    UNION ALL (SELECT id FROM message WHERE chat_id = ${chatId} AND owner_id = ${ownerId} AND id > ${top} AND deleted_at IS NULL
      ORDER BY id LIMIT ${witnesses.above})`;
  return rows.map((it) => it.id);
}

/** Takes the account's next turn to ask for so many ids: 0, or the milliseconds until it may. */
export async function takeRecheckTurn(db: Db, accountId: bigint, ids: number): Promise<number> {
  const costMs = Math.max(leastMs, ids * msPerId);
  const taken = await sql(db).$executeRaw`
    UPDATE account SET recheck_after = now() + ${costMs}::float8 * interval '1 millisecond'
    WHERE id = ${accountId} AND (recheck_after IS NULL OR recheck_after <= now())`;
  return taken > 0 ? 0 : await recheckWaitMs(db, accountId);
}

/** Milliseconds until the account may recheck more; 0: now. */
export async function recheckWaitMs(db: Db, accountId: bigint): Promise<number> {
  const [row] = await sql(db).$queryRaw<{ ms: number | null }[]>`
    SELECT greatest(0, extract(epoch FROM recheck_after - now()) * 1000)::float8 AS ms FROM account WHERE id = ${accountId}`;
  return Math.ceil(row?.ms ?? 0);
}

/** The id up to which messages of a chat are hidden from the account, as far as is known; 0: none. */
export async function knownHidden(db: Db, { accountId, id }: Pick<ChatRow, 'accountId' | 'id'>): Promise<bigint> {
  const rows = await sql(db).$queryRaw<{ hidden: bigint }[]>`
    SELECT coalesce(available_min_id, 0) AS hidden FROM dialog WHERE chat_id = ${id} AND account_id = ${accountId}`;
  return rows[0]?.hidden ?? 0n;
}

/** Telegram said so. */
export async function recordHidden(
  db: Db,
  { accountId, id }: Pick<ChatRow, 'accountId' | 'id'>,
  hidden: bigint,
): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE dialog SET available_min_id = ${hidden} WHERE chat_id = ${id} AND account_id = ${accountId}`;
}

/** It failed for a reason of its own: others go on meanwhile. */
export async function postponeRecheck(db: Db, { id }: Recheck): Promise<void> {
  await sql(db)
    .$executeRaw`UPDATE recheck SET retry_at = now() + make_interval(hours => ${retryHours}) WHERE id = ${id}`;
}
