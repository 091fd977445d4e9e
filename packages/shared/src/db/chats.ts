/** chats.ts: chats, and what an account knows of each: how to reach it, what is wanted of it, and what its last survey found. */
import { isSampledRecently } from './coverage.js';
import { lockDialogs } from './lock-dialogs.js';
import { asRows, fullLast } from './rows.js';
import type { ChatKind } from './words.js';
import { Prisma } from './sql-text.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';

/** A chat as described by a list of dialogs or any other answer of Telegram. */
export interface ChatFacts {
  id: bigint;
  kind: ChatKind;
  title: string;
  username: string | null;
  accessHash: bigint | null;
  /** A partial description (core.telegram.org/api/min): what is already known takes precedence. */
  min?: boolean;
}

/** A chat and the dialog that an account has with it. */
export interface ChatRow {
  id: bigint;
  kind: string;
  title: string;
  username: string | null;
  /** The channel's update counter, stored before its history is read. */
  pts: number | null;
  migratedTo: bigint | null;
  /** 0 before the first login. */
  accountId: bigint;
  accessHash: bigint | null;
  /** Whether config.json names the chat, and the range it asks for (0: no limit on that side). */
  wanted: boolean;
  rangeFrom: bigint;
  rangeTo: bigint;
  /** The highest message id that the last survey saw; null before it. */
  topMessage: bigint | null;
  state: string;
  stateReason: string | null;
  retryAt: Date | null;
  surveyedAt: Date | null;
  /** Something about it has changed since it was last asked for. */
  changedAt: Date | null;
  /** Whether all links were decided by the present rules for media. */
  rulesApplied: boolean;
  /** The wanted period, its first and last message id, and when a survey found these out. */
  since: Date | null;
  until: Date | null;
  sinceId: bigint | null;
  untilId: bigint | null;
  boundsAt: Date | null;
  /** What happens to messages that are deleted in Telegram: keep or mirror. */
  deletions: string;
}

const columns = Prisma.sql`
  id, kind, title, username, pts, migrated_to AS "migratedTo", account_id AS "accountId", access_hash AS "accessHash", wanted,
  range_from AS "rangeFrom", range_to AS "rangeTo", top_message AS "topMessage", state, state_reason AS "stateReason",
  retry_at AS "retryAt", surveyed_at AS "surveyedAt", changed_at AS "changedAt", rules_applied AS "rulesApplied", since, until, since_id AS "sinceId",
  until_id AS "untilId", bounds_at AS "boundsAt", deletions`;

export async function wantedChatRows(db: Db): Promise<ChatRow[]> {
  return await sql(db).$queryRaw<
    ChatRow[]
  >`SELECT ${columns} FROM chat JOIN dialog ON chat_id = id WHERE wanted ORDER BY id`;
}

/** The ids of all wanted chats, ascending. */
export async function wantedIds(db: Db): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ ids: bigint[] | null }[]>`
    SELECT array_agg(DISTINCT chat_id ORDER BY chat_id) AS ids FROM dialog WHERE wanted`;
  return rows[0]!.ids ?? [];
}

/**
 * Wanted chats, ordered by id, without those that certainly need nothing: surveyed since `since`, and all that is wanted of them was read, in
 * one piece. The rule of what is wanted is `wantedRange`; this only leaves out what it would find complete, as a large archive has thousands
 * of chats and hardly ever something to do.
 */
export async function unsettledChatRows(db: Db, since: Date): Promise<ChatRow[]> {
  return await sql(db).$queryRaw<ChatRow[]>`
    SELECT ${columns} FROM chat JOIN dialog ON chat_id = id, LATERAL (SELECT
      greatest(1, range_from, CASE WHEN coalesce(since, until) IS NOT NULL THEN since_id END) AS low,
      least(coalesce(top_message, 0), nullif(range_to, 0), CASE WHEN coalesce(since, until) IS NOT NULL THEN until_id END) AS high) range
    WHERE wanted AND NOT (state = 'ok' AND changed_at IS NULL AND coalesce(surveyed_at >= ${since}, false) AND (coalesce(since, until) IS NULL OR bounds_at IS NOT NULL)
      AND (high < low OR EXISTS (SELECT FROM coverage c WHERE c.chat_id = id AND to_id >= high AND (from_id <= low OR EXISTS (
        SELECT FROM not_visible hidden WHERE hidden.chat_id = id AND hidden.from_id <= low AND hidden.to_id >= c.from_id - 1
          AND ${isSampledRecently})))))
    ORDER BY id`;
}

/** Those of the given chats that are wanted, ordered by id. */
export async function wantedOf(db: Db, ids: readonly bigint[]): Promise<ChatRow[]> {
  return await sql(db).$queryRaw<ChatRow[]>`
    SELECT ${columns} FROM chat JOIN dialog ON chat_id = id
    JOIN unnest(${[...ids]}::bigint[]) WITH ORDINALITY AS asked(asked_id, place) ON asked_id = id WHERE wanted ORDER BY place`;
}

/** Throws unless the database answers. */
export async function answers(db: Db): Promise<void> {
  await sql(db).$queryRaw`SELECT 1`;
}

/** The database's clock, for comparison with dates that it records. */
export async function databaseTime(db: Db): Promise<Date> {
  const rows = await sql(db).$queryRaw<{ now: Date }[]>`SELECT now()::timestamptz(3) AS now`;
  return rows[0]!.now;
}

/** Wanted chats that were not surveyed since then. */
export async function unsurveyedSince(db: Db, since: Date): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT DISTINCT chat_id AS id FROM dialog WHERE wanted AND (surveyed_at IS NULL OR surveyed_at < ${since}) ORDER BY id`;
  return rows.map((it) => it.id);
}

/** Ids and titles of all chats that were ever seen. */
export async function chatTitles(db: Db): Promise<{ id: bigint; title: string }[]> {
  return await sql(db).$queryRaw`SELECT id, title FROM chat WHERE kind <> 'unknown' ORDER BY id`;
}

export async function findChat(db: Db, id: bigint): Promise<ChatRow | null> {
  const found = await sql(db).$queryRaw<
    ChatRow[]
  >`SELECT ${columns} FROM chat JOIN dialog ON chat_id = id WHERE id = ${id} LIMIT 1`;
  return found[0] ?? null;
}

/** Records what an account knows about chats; writes only what differs. */
export async function rememberChats(db: Db, accountId: bigint, chats: readonly ChatFacts[]): Promise<void> {
  if (chats.length > 0) await inTransaction(db, (tx) => rememberChatsIn(tx, accountId, chats));
}

export async function rememberChatsIn(tx: Tx, accountId: bigint, chats: readonly ChatFacts[]): Promise<void> {
  if (chats.length === 0) return;
  const each = new Map(fullLast(chats).map((it) => [it.id, { min: false, ...it }]));
  const rows = asRows([...each.values()]);
  await sql(tx).$executeRaw`
    INSERT INTO chat (id, kind, title, username)
    SELECT id, kind, title, username
    FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, kind text, title text, username text, min boolean)
    WHERE NOT min OR NOT EXISTS (SELECT FROM chat WHERE chat.id = x.id AND kind <> 'unknown')
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, username = excluded.username
    WHERE (chat.kind, chat.title, chat.username) IS DISTINCT FROM (excluded.kind, excluded.title, excluded.username)`;
  await sql(tx).$executeRaw`
    INSERT INTO dialog (account_id, chat_id, access_hash)
    SELECT ${accountId}::bigint, id, "accessHash" FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, "accessHash" bigint) ORDER BY id
    ON CONFLICT (chat_id, account_id) DO UPDATE SET access_hash = excluded.access_hash
    WHERE excluded.access_hash IS NOT NULL AND dialog.access_hash IS DISTINCT FROM excluded.access_hash`;
}

export interface SurveyFinding {
  id: bigint;
  topMessage: bigint;
  pts: number | null;
  /** If the wanted period was looked up: its first and last message id (null: no limit). */
  bounds?: { sinceId: bigint | null; untilId: bigint | null };
}

/** An account's survey found these chats readable. The `pts` of the first survey is kept, as history read later is newer. */
export async function recordSurvey(db: Db, accountId: bigint, findings: readonly SurveyFinding[]): Promise<void> {
  const rows = asRows(findings.map(({ bounds, ...it }) => ({ ...it, ...bounds, isBounded: bounds !== undefined })));
  await inTransaction(db, async (tx) => {
    await sql(tx).$executeRaw`
      UPDATE chat SET pts = coalesce(chat.pts, x.pts), seen_pts = x.pts FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, pts int)
      WHERE chat.id = x.id AND x.pts IS NOT NULL AND chat.seen_pts IS DISTINCT FROM x.pts`;
    await lockDialogs(
      tx,
      findings.map((it) => it.id),
    );
    await sql(tx).$executeRaw`
      UPDATE dialog SET top_message = x."topMessage", surveyed_at = now(), state = 'ok', state_reason = NULL, retry_at = NULL,
        since_id = CASE WHEN "isBounded" THEN x."sinceId" ELSE since_id END,
        until_id = CASE WHEN "isBounded" THEN x."untilId" ELSE until_id END,
        bounds_at = CASE WHEN "isBounded" THEN now() ELSE bounds_at END
      FROM jsonb_to_recordset(${rows}::jsonb)
        AS x(id bigint, "topMessage" bigint, "sinceId" bigint, "untilId" bigint, "isBounded" boolean)
      WHERE chat_id = x.id AND account_id = ${accountId}`;
  });
}

/** How long an unreadable chat is left alone by default, in milliseconds. */
const lookAgainMs = 6 * 3600 * 1000;

/**
 * Records that an account cannot read a chat now, and why. It is retried after `againMs` milliseconds (0: at once) by the database's clock, which
 * the date is compared with. Other chats are not affected.
 */
export async function recordUnreadable(
  db: Db,
  { accountId, id }: Pick<ChatRow, 'accountId' | 'id'>,
  reason: string,
  againMs = lookAgainMs,
): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE dialog SET state = 'unreadable', state_reason = ${reason}, surveyed_at = now(), live_top = NULL,
      retry_at = now() + ${againMs}::float8 * interval '1 millisecond'
    WHERE chat_id = ${id} AND account_id = ${accountId}`;
}

/** Telegram said that something about these chats has changed: those that are wanted are surveyed at once, whatever was found before. */
export async function noteChanged(tx: Tx, accountId: bigint, ids: readonly bigint[]): Promise<void> {
  if (ids.length === 0) return;
  await lockDialogs(tx, ids);
  await sql(tx).$executeRaw`
    UPDATE dialog SET changed_at = clock_timestamp() WHERE chat_id = ANY(${[...ids]}) AND account_id = ${accountId} AND wanted`;
}

/** A survey that was asked for at this time has found out what had changed until then. */
export async function settleChanged(db: Db, accountId: bigint, ids: readonly bigint[], askedAt: Date): Promise<void> {
  await inTransaction(db, async (tx) => {
    await lockDialogs(tx, ids);
    await sql(tx).$executeRaw`
      UPDATE dialog SET changed_at = NULL WHERE chat_id = ANY(${[...ids]}) AND account_id = ${accountId} AND changed_at <= ${askedAt}`;
  });
}

/** A basic group became a supergroup: the old chat stops, and the person gets the new id. */
export async function recordMigration(db: Db, id: bigint, to: bigint): Promise<void> {
  await sql(db)
    .$executeRaw`UPDATE chat SET migrated_to = ${to} WHERE id = ${id} AND migrated_to IS DISTINCT FROM ${to}`;
}

/** The update counters of an account (core.telegram.org/api/updates). */
export interface AccountState {
  id: bigint;
  pts: number;
  qts: number;
  date: Date;
  seq: number;
}

/** The account's update state before its history was first read; later states are ignored. */
export async function recordAccountState(db: Db, { id, pts, qts, date, seq }: AccountState): Promise<void> {
  await sql(db).$executeRaw`
    INSERT INTO account (id, pts, qts, date, seq) VALUES (${id}, ${pts}, ${qts}, ${date}, ${seq}) ON CONFLICT DO NOTHING`;
}
