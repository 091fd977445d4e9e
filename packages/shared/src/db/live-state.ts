/** live-state.ts: up to where an account's updates were applied, and those of the channels it wants; and how current that is. */
import { type Db, inTransaction, sql, type Tx } from './handle.js';
import { askRecheckOfAll } from './rechecks.js';
import { requireRole } from './role-lease.js';
import { asRows } from './rows.js';

/** The numbers of an account's own box. */
export interface CommonState {
  pts: number;
  qts: number;
  /** In seconds. */
  date: number;
  seq: number;
}

export interface ChannelState {
  /** Up to where its updates were applied; null: nothing is known of them yet. */
  pts: number | null;
  /** As the last survey saw it. */
  seenPts: number | null;
}

/** Up to where an account's updates were applied, and those of the channels it wants. */
export interface LiveState {
  common: CommonState;
  /** By marked id. */
  channels: Map<bigint, ChannelState>;
  /** Wanted chats that the account cannot reach, as it never saw their access hash. */
  strangers: ReadonlySet<bigint>;
}

/** undefined before the account's first survey. */
export async function readLiveState(db: Db, accountId: bigint): Promise<LiveState | undefined> {
  const [account] = await sql(db).$queryRaw<(Omit<CommonState, 'date'> & { date: Date })[]>`
    SELECT pts, qts, date, seq FROM account WHERE id = ${accountId}`;
  if (!account) return undefined;
  const rows = await sql(db).$queryRaw<(ChannelState & { id: bigint })[]>`
    SELECT id, pts, seen_pts AS "seenPts" FROM chat JOIN dialog ON chat_id = id
    WHERE account_id = ${accountId} AND wanted AND state <> 'unreadable' AND kind IN ('channel', 'supergroup') ORDER BY id`;
  const common = { ...account, date: Math.floor(account.date.getTime() / 1000) };
  const strangers = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT id FROM chat JOIN dialog ON chat_id = id
    WHERE account_id = ${accountId} AND wanted AND access_hash IS NULL AND kind <> 'group'`;
  return {
    common,
    channels: new Map(rows.map(({ id, ...it }) => [id, it])),
    strangers: new Set(strangers.map((it) => it.id)),
  };
}

/** Notes whether the account's updates are applied. */
export async function noteLive(db: Db, accountId: bigint, isLive: boolean): Promise<void> {
  await sql(db).$executeRaw`UPDATE account SET live = ${isLive} WHERE id = ${accountId} AND live <> ${isLive}`;
}

/** Notes that an update came. */
export async function noteHeard(db: Db, accountId: bigint): Promise<void> {
  await sql(db).$executeRaw`UPDATE account SET heard_at = now() WHERE id = ${accountId}`;
}

/**
 * From here on new messages of these chats are told without a gap: `top` was the newest at the box's `pts`. Only where the applied updates
 * are not beyond that yet, as those between would be missing.
 */
export async function beginLive(
  db: Db,
  accountId: bigint,
  tops: readonly { chatId: bigint; top: bigint; pts: number }[],
): Promise<void> {
  if (tops.length === 0) return;
  await sql(db).$executeRaw`
    UPDATE dialog SET live_top = x.top FROM jsonb_to_recordset(${asRows(tops)}::jsonb) AS x("chatId" bigint, top bigint, pts int)
    WHERE chat_id = x."chatId" AND account_id = ${accountId} AND live_top IS NULL AND x.pts >= coalesce(
      CASE WHEN EXISTS (SELECT FROM chat WHERE id = chat_id AND kind IN ('channel', 'supergroup'))
        THEN (SELECT chat.pts FROM chat WHERE id = chat_id)
        ELSE (SELECT account.pts FROM account WHERE id = ${accountId}) END, 0)`;
}

/**
 * Too much has happened in the account's own box: of its private chats and basic groups nothing is known from here on before a survey, and what
 * is stored of them is read again.
 */
export async function recordTooLong(db: Db, accountId: bigint, fence: bigint, to: CommonState): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireRole(tx, { accountId, role: 'updates' }, fence);
    await askRecheckOfAll(tx, accountId, await moveBlindly(tx, accountId, to), 'hole');
  });
}

/** An event of the account's own box cannot be read: a survey finds out whether it was a message of a private chat or basic group. */
export async function recordSkipped(db: Db, accountId: bigint, fence: bigint, to: CommonState): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireRole(tx, { accountId, role: 'updates' }, fence);
    await moveBlindly(tx, accountId, to);
  });
}

/** Nobody knows what the account's own box told up to there. Returns the wanted private chats and basic groups. */
async function moveBlindly(tx: Tx, accountId: bigint, { pts, qts, date, seq }: CommonState): Promise<bigint[]> {
  await sql(tx).$executeRaw`
    UPDATE account SET pts = ${pts}, qts = ${qts}, date = to_timestamp(${date}), seq = ${seq}, updated_at = now() WHERE id = ${accountId}`;
  const forgotten = await sql(tx).$queryRaw<{ id: bigint; wanted: boolean }[]>`
    UPDATE dialog SET live_top = NULL, surveyed_at = NULL
    WHERE account_id = ${accountId} AND chat_id IN (SELECT id FROM chat WHERE kind NOT IN ('channel', 'supergroup'))
    RETURNING chat_id AS id, wanted`;
  return forgotten.filter((it) => it.wanted).map((it) => it.id);
}

/** Nothing is known of a channel's updates before `pts`: what is stored of it is read again. */
export async function resetChannel(
  db: Db,
  accountId: bigint,
  fence: bigint,
  chatId: bigint,
  pts: number,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await requireRole(tx, { accountId, role: 'updates' }, fence);
    await sql(tx).$executeRaw`UPDATE chat SET pts = ${pts}, seen_pts = ${pts} WHERE id = ${chatId}`;
    await sql(tx).$executeRaw`UPDATE message SET ahead_pts = NULL WHERE chat_id = ${chatId} AND ahead_pts IS NOT NULL`;
    await sql(tx).$executeRaw`
      UPDATE dialog SET live_top = NULL, surveyed_at = NULL WHERE account_id = ${accountId} AND chat_id = ${chatId}`;
    await askRecheckOfAll(tx, accountId, [chatId], 'hole');
  });
}

/** When an update came last, to any account; undefined: none ever did. */
export async function lastUpdate(db: Db): Promise<Date | undefined> {
  const rows = await sql(db).$queryRaw<{ last: Date | null }[]>`SELECT max(heard_at) AS last FROM account`;
  return rows[0]?.last ?? undefined;
}

/** How current an account's chats are. */
export interface Liveness {
  accountId: bigint;
  /** Its updates are being applied now. */
  live: boolean;
  /** When one came last; null: none ever did. */
  heardAt: Date | null;
  /** Channels that have updates which did not come yet. */
  behind: number;
}

/** Every account that was ever surveyed. */
export async function livenessOf(db: Db): Promise<Liveness[]> {
  return await sql(db).$queryRaw<Liveness[]>`
    SELECT account.id AS "accountId", live AND EXISTS (SELECT FROM role_lease
        WHERE account_id = account.id AND role = 'updates' AND expires_at > now()) AS live, heard_at AS "heardAt",
      (SELECT count(*)::int FROM chat JOIN dialog ON chat_id = chat.id
        WHERE account_id = account.id AND wanted AND seen_pts > chat.pts) AS behind
    FROM account ORDER BY account.id`;
}
