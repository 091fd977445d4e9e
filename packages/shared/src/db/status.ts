/** status.ts: how far the archive is: per chat, and what failed for good and why. */
import { sizeOf, subtract, wantedRange } from '../coverage/index.js';
import { type ChatRow, wantedChatRows } from './chats.js';
import { coverageOf } from './coverage.js';
import type { Db } from './open.js';

export interface ChatStatus {
  id: bigint;
  title: string;
  kind: string;
  state: string;
  reason: string | null;
  messages: number;
  /** Lowest and highest id that has been read; null: none. */
  covered: { from: bigint; to: bigint } | null;
  /** Message ids that are wanted and not read yet. */
  owedIds: bigint;
  mediaSaved: number;
  mediaOwed: number;
  mediaFailed: number;
  /** Links that were left out on purpose: the person deleted the file. */
  mediaAbsent: number;
  /** Bytes of the saved media of this chat; media of several chats count in each. */
  bytes: bigint;
}

export async function chatStatuses(db: Db): Promise<ChatStatus[]> {
  const chats = await wantedChatRows(db);
  const covered = await coverageOf(
    db,
    chats.map((it) => it.id),
  );
  const counts = await countsOf(db);
  return chats.map((chat) => {
    const ranges = covered.get(chat.id) ?? [];
    const wanted = wantedRange(chat);
    return {
      ...identity(chat),
      covered: ranges.length ? { from: ranges[0]!.from, to: ranges.at(-1)!.to } : null,
      owedIds: wanted ? sizeOf(subtract(wanted, ranges)) : 0n,
      ...(counts.get(chat.id) ?? noCounts),
    };
  });
}

function identity(chat: ChatRow) {
  return { id: chat.id, title: chat.title, kind: chat.kind, state: chat.state, reason: chat.stateReason };
}

const noCounts = { messages: 0, mediaSaved: 0, mediaOwed: 0, mediaFailed: 0, mediaAbsent: 0, bytes: 0n };

async function countsOf(db: Db): Promise<Map<bigint, typeof noCounts>> {
  const messages = await db.$queryRaw<{ id: bigint; messages: number }[]>`
    SELECT chat_id AS id, count(*)::int AS messages FROM message GROUP BY chat_id`;
  const media = await db.$queryRaw<(Omit<typeof noCounts, 'messages'> & { id: bigint })[]>`
    WITH one AS (
      SELECT DISTINCT ON (chat_id, m.kind, media_id) chat_id, link, coalesce(p.state, d.state) AS state, coalesce(p.size, d.size) AS size
      FROM message_media m
      LEFT JOIN photo p ON m.kind = 'photo' AND p.id = media_id
      LEFT JOIN document d ON m.kind = 'document' AND d.id = media_id
      ORDER BY chat_id, m.kind, media_id, link = 'pending' DESC)
    SELECT chat_id AS id,
      count(*) FILTER (WHERE link = 'linked')::int AS "mediaSaved",
      count(*) FILTER (WHERE link = 'pending' AND state IN ('owed', 'saved'))::int AS "mediaOwed",
      count(*) FILTER (WHERE link = 'pending' AND state IN ('failed', 'gone'))::int AS "mediaFailed",
      count(*) FILTER (WHERE link = 'absent')::int AS "mediaAbsent",
      coalesce(sum(size) FILTER (WHERE link = 'linked'), 0)::bigint AS bytes
    FROM one GROUP BY chat_id`;
  const counts = new Map<bigint, typeof noCounts>();
  for (const { id, ...it } of media) counts.set(id, { ...noCounts, ...it });
  for (const { id, messages: count } of messages) counts.set(id, { ...(counts.get(id) ?? noCounts), messages: count });
  return counts;
}

export interface FailedMedia {
  kind: string;
  id: bigint;
  state: string;
  reason: string | null;
}

/** Media that wanted chats wait for in vain. */
export async function failedMedia(db: Db, limit = 1000): Promise<FailedMedia[]> {
  return await db.$queryRaw<FailedMedia[]>`
    SELECT DISTINCT m.kind, m.media_id AS id, coalesce(p.state, d.state) AS state, coalesce(p.reason, d.reason) AS reason
    FROM message_media m JOIN chat ON chat.id = m.chat_id AND chat.wanted
    LEFT JOIN photo p ON m.kind = 'photo' AND p.id = m.media_id
    LEFT JOIN document d ON m.kind = 'document' AND d.id = m.media_id
    WHERE m.link = 'pending' AND coalesce(p.state, d.state) IN ('failed', 'gone')
    ORDER BY m.kind, m.media_id LIMIT ${limit}`;
}

export interface Remaining {
  files: number;
  bytes: bigint;
}

/** Files that are still to be downloaded for wanted chats. */
export async function remainingMedia(db: Db): Promise<Remaining> {
  const rows = await db.$queryRaw<Remaining[]>`
    SELECT count(*)::int AS files, coalesce(sum(size), 0)::bigint AS bytes FROM (
      SELECT id, size FROM photo WHERE state = 'owed' AND EXISTS (
        SELECT FROM message_media m JOIN chat ON chat.id = m.chat_id AND wanted WHERE m.kind = 'photo' AND media_id = photo.id AND link = 'pending')
      UNION ALL
      SELECT id, size FROM document WHERE state = 'owed' AND EXISTS (
        SELECT FROM message_media m JOIN chat ON chat.id = m.chat_id AND wanted WHERE m.kind = 'document' AND media_id = document.id AND link = 'pending')
    ) owed`;
  return rows[0]!;
}
