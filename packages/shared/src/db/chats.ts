/** chats.ts: how to reach a chat, what is wanted of it, and what its last survey found. */
import type { Chat } from './generated/client.js';
import type { Db, Tx } from './open.js';
import { asRows } from './rows.js';

export type ChatKind = 'user' | 'group' | 'supergroup' | 'channel';

/** A chat as a list of dialogs or an answer of Telegram describes it. */
export interface ChatFacts {
  id: bigint;
  kind: ChatKind;
  title: string;
  username: string | null;
  accessHash: bigint | null;
}

export type ChatRow = Chat;

export async function wantedChatRows(db: Db): Promise<ChatRow[]> {
  return await db.chat.findMany({ where: { wanted: true }, orderBy: { id: 'asc' } });
}

/** The database's time: what it records is compared with it. */
export async function databaseTime(db: Db): Promise<Date> {
  const rows = await db.$queryRaw<{ now: Date }[]>`SELECT now()::timestamptz(3) AS now`;
  return rows[0]!.now;
}

/** Wanted chats that no survey has looked at since then. */
export async function unsurveyedSince(db: Db, since: Date): Promise<bigint[]> {
  const rows = await db.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM chat WHERE wanted AND (surveyed_at IS NULL OR surveyed_at < ${since}) ORDER BY id`;
  return rows.map((it) => it.id);
}

export async function findChat(db: Db, id: bigint): Promise<ChatRow | null> {
  return await db.chat.findUnique({ where: { id } });
}

/** Notes what is known about chats; writes only what differs. */
export async function rememberChats(db: Tx, chats: readonly ChatFacts[]): Promise<void> {
  if (chats.length === 0) return;
  const rows = asRows(chats);
  await db.$executeRaw`
    INSERT INTO chat (id, kind, title, username, access_hash)
    SELECT id, kind, title, username, "accessHash"
    FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, kind text, title text, username text, "accessHash" bigint)
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

/** A survey found these chats readable. `pts` is kept from the first survey on: history read later is newer. */
export async function recordSurvey(db: Tx, findings: readonly SurveyFinding[]): Promise<void> {
  const rows = asRows(findings);
  await db.$executeRaw`
    UPDATE chat SET top_message = x."topMessage", pts = coalesce(chat.pts, x.pts), surveyed_at = now(),
      state = 'ok', state_reason = NULL, retry_at = NULL
    FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, "topMessage" bigint, pts int) WHERE chat.id = x.id`;
}

/** A chat cannot be read now: a state of that chat, with its reason, and a date to look again. The others go on. */
export async function recordUnreadable(db: Tx, id: bigint, reason: string, retryAt: Date): Promise<void> {
  await db.$executeRaw`
    UPDATE chat SET state = 'unreadable', state_reason = ${reason}, retry_at = ${retryAt}, surveyed_at = now()
    WHERE id = ${id}`;
}

/** A basic group became a supergroup: the old chat stops, the person is told the new id. */
export async function recordMigration(db: Tx, id: bigint, to: bigint): Promise<void> {
  await db.$executeRaw`UPDATE chat SET migrated_to = ${to} WHERE id = ${id} AND migrated_to IS DISTINCT FROM ${to}`;
}

/** Where the account's updates stood before its history was first read; later states are not older. */
export async function recordAccountState(
  db: Tx,
  { id, pts, qts, date, seq }: { id: bigint; pts: number; qts: number; date: Date; seq: number },
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO account (id, pts, qts, date, seq) VALUES (${id}, ${pts}, ${qts}, ${date}, ${seq}) ON CONFLICT DO NOTHING`;
}
