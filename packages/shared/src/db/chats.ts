/** chats.ts: how to reach a chat, what is wanted of it, and what its last survey found. */
import type { Chat } from './generated/client.js';
import { fullLast } from './messages.js';
import { asRows } from './rows.js';
import type { ChatKind } from './words.js';
import { Prisma } from './sql-text.js';
import { type Db, models, sql, type Tx } from './handle.js';

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

export type ChatRow = Chat;

const columns = Prisma.sql`
  id, kind, title, username, access_hash AS "accessHash", wanted, range_from AS "rangeFrom", range_to AS "rangeTo",
  top_message AS "topMessage", pts, state, state_reason AS "stateReason", retry_at AS "retryAt", surveyed_at AS "surveyedAt",
  migrated_to AS "migratedTo"`;

export async function wantedChatRows(db: Db): Promise<ChatRow[]> {
  return await sql(db).$queryRaw<ChatRow[]>`SELECT ${columns} FROM chat WHERE wanted ORDER BY id`;
}

/** Those of the given chats that are wanted, ordered by id. */
export async function wantedOf(db: Db, ids: readonly bigint[]): Promise<ChatRow[]> {
  return await sql(db).$queryRaw<ChatRow[]>`
    SELECT ${columns} FROM chat JOIN unnest(${[...ids]}::bigint[]) WITH ORDINALITY AS asked(chat_id, place) ON chat_id = id
    WHERE wanted ORDER BY place`;
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
    SELECT id FROM chat WHERE wanted AND (surveyed_at IS NULL OR surveyed_at < ${since}) ORDER BY id`;
  return rows.map((it) => it.id);
}

/** Ids and titles of all chats that were ever seen. */
export async function chatTitles(db: Db): Promise<{ id: bigint; title: string }[]> {
  const { chat } = await models(db);
  return await chat.findMany({ where: { kind: { not: 'unknown' } }, select: { id: true, title: true } });
}

export async function findChat(db: Db, id: bigint): Promise<ChatRow | null> {
  const { chat } = await models(db);
  return await chat.findUnique({ where: { id } });
}

/** Records what is known about chats; writes only what differs. */
export async function rememberChats(db: Db | Tx, chats: readonly ChatFacts[]): Promise<void> {
  if (chats.length === 0) return;
  const each = new Map(fullLast(chats).map((it) => [it.id, { min: false, ...it }]));
  const rows = asRows([...each.values()]);
  await sql(db).$executeRaw`
    INSERT INTO chat (id, kind, title, username, access_hash)
    SELECT id, kind, title, username, "accessHash"
    FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, kind text, title text, username text, "accessHash" bigint, min boolean)
    WHERE NOT min OR NOT EXISTS (SELECT FROM chat WHERE chat.id = x.id AND kind <> 'unknown')
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, username = excluded.username,
      access_hash = coalesce(excluded.access_hash, chat.access_hash)
    WHERE (chat.kind, chat.title, chat.username, chat.access_hash) IS DISTINCT FROM
      (excluded.kind, excluded.title, excluded.username, coalesce(excluded.access_hash, chat.access_hash))`;
}

export interface SurveyFinding {
  id: bigint;
  topMessage: bigint;
  pts: number | null;
}

/** A survey found these chats readable. The `pts` of the first survey is kept, as history read later is newer. */
export async function recordSurvey(db: Db | Tx, findings: readonly SurveyFinding[]): Promise<void> {
  const rows = asRows(findings);
  await sql(db).$executeRaw`
    UPDATE chat SET top_message = x."topMessage", pts = coalesce(chat.pts, x.pts), surveyed_at = now(),
      state = 'ok', state_reason = NULL, retry_at = NULL
    FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, "topMessage" bigint, pts int) WHERE chat.id = x.id`;
}

/** How long an unreadable chat is left alone by default, in milliseconds. */
const lookAgainMs = 6 * 3600 * 1000;

/**
 * Records that a chat cannot be read now, and why. It is retried after `againMs` milliseconds (0: at once) by the database's clock, which
 * the date is compared with. Other chats are not affected.
 */
export async function recordUnreadable(db: Db | Tx, id: bigint, reason: string, againMs = lookAgainMs): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE chat SET state = 'unreadable', state_reason = ${reason}, surveyed_at = now(),
      retry_at = now() + ${againMs}::float8 * interval '1 millisecond'
    WHERE id = ${id}`;
}

/** A basic group became a supergroup: the old chat stops, and the person gets the new id. */
export async function recordMigration(db: Db | Tx, id: bigint, to: bigint): Promise<void> {
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
export async function recordAccountState(db: Db | Tx, { id, pts, qts, date, seq }: AccountState): Promise<void> {
  await sql(db).$executeRaw`
    INSERT INTO account (id, pts, qts, date, seq) VALUES (${id}, ${pts}, ${qts}, ${date}, ${seq}) ON CONFLICT DO NOTHING`;
}
