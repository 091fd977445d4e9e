/**
 * chat-counts.ts: how many messages and media each chat has. Counting ten million messages takes seconds, so a chat is counted again only
 * after triggers have noted in `chat_changed` that it changed. They add rows rather than change a counter, so writers never wait for it.
 */
import { type Db, inTransaction, sql, type Tx } from './handle.js';

/** Media are counted once in each chat that has them. */
export interface ChatCounts {
  messages: number;
  mediaSaved: number;
  mediaOwed: number;
  mediaFailed: number;
  /** Links left out on purpose: the person deleted the file. */
  mediaAbsent: number;
  /** Left out by a rule. */
  mediaSkipped: number;
  /** Media whose file the person deleted after it was saved, as far as that is known. */
  mediaDeleted: number;
  /** Bytes of the saved media. */
  bytes: bigint;
}

export const noCounts: ChatCounts = {
  messages: 0,
  mediaSaved: 0,
  mediaOwed: 0,
  mediaFailed: 0,
  mediaAbsent: 0,
  mediaSkipped: 0,
  mediaDeleted: 0,
  bytes: 0n,
};

/** Chats counted in one transaction, which may take as long as the largest of them. */
const batch = 100;
const limits = { waitMs: 30_000, workMs: 600_000 };

/** Counts again the chats that have changed since they were counted. */
export async function countChats(db: Db): Promise<void> {
  const changed = await sql(db).$queryRaw<
    { id: bigint }[]
  >`SELECT DISTINCT chat_id AS id FROM chat_changed ORDER BY id`;
  for (let from = 0; from < changed.length; from += batch) {
    const ids = changed.slice(from, from + batch).map((it) => it.id);
    await inTransaction(db, (tx) => count(tx, ids), limits);
  }
}

/** The counts of every chat that was ever counted, by chat id. */
export async function countsOf(db: Db): Promise<Map<bigint, ChatCounts>> {
  const rows = await sql(db).$queryRaw<(ChatCounts & { id: bigint })[]>`
    SELECT chat_id AS id, messages, media_saved AS "mediaSaved", media_owed AS "mediaOwed", media_failed AS "mediaFailed",
      media_absent AS "mediaAbsent", media_skipped AS "mediaSkipped", media_deleted AS "mediaDeleted", bytes FROM chat_count`;
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

async function count(tx: Tx, ids: readonly bigint[]): Promise<void> {
  // One at a time, so that an older count never replaces a newer one.
  await sql(tx).$executeRaw`LOCK TABLE chat_count IN SHARE ROW EXCLUSIVE MODE`;
  // The rows of a change come with the change: what is deleted here is seen by the statement that counts, and what comes later is counted later.
  const deleted = await sql(tx).$executeRaw`DELETE FROM chat_changed WHERE chat_id = ANY(${ids}::bigint[])`;
  if (deleted === 0) return; // somebody else has just counted them
  await sql(tx).$executeRaw`
    WITH of_messages AS (SELECT chat_id, count(*)::int AS messages FROM message WHERE chat_id = ANY(${ids}::bigint[]) GROUP BY chat_id),
    one AS (
      SELECT DISTINCT ON (chat_id, m.kind, media_id) chat_id, link, coalesce(p.state, d.state) AS state, coalesce(p.size, d.size) AS size,
        coalesce(p.deleted_at, d.deleted_at) IS NOT NULL AS deleted
      FROM message_media m
      LEFT JOIN photo p ON m.kind = 'photo' AND p.id = media_id
      LEFT JOIN document d ON m.kind = 'document' AND d.id = media_id
      WHERE chat_id = ANY(${ids}::bigint[])
      ORDER BY chat_id, m.kind, media_id, link = 'pending' DESC),
    of_media AS (SELECT chat_id,
      count(*) FILTER (WHERE link = 'linked' AND NOT deleted) AS saved,
      count(*) FILTER (WHERE link = 'pending' AND state IN ('owed', 'saved')) AS owed,
      count(*) FILTER (WHERE link = 'pending' AND state IN ('failed', 'gone')) AS failed,
      count(*) FILTER (WHERE link = 'absent') AS absent,
      count(*) FILTER (WHERE link = 'skipped') AS skipped,
      count(*) FILTER (WHERE link = 'absent' OR link = 'linked' AND deleted) AS deleted,
      sum(size) FILTER (WHERE link = 'linked' AND NOT deleted) AS bytes
      FROM one GROUP BY chat_id)
    INSERT INTO chat_count (chat_id, messages, media_saved, media_owed, media_failed, media_absent, media_skipped, media_deleted, bytes)
    SELECT id, coalesce(messages, 0), coalesce(saved, 0), coalesce(owed, 0), coalesce(failed, 0), coalesce(absent, 0), coalesce(skipped, 0),
      coalesce(deleted, 0), coalesce(bytes, 0)
    FROM unnest(${ids}::bigint[]) id LEFT JOIN of_messages ON of_messages.chat_id = id LEFT JOIN of_media ON of_media.chat_id = id
    ON CONFLICT (chat_id) DO UPDATE SET messages = excluded.messages, media_saved = excluded.media_saved, media_owed = excluded.media_owed,
      media_failed = excluded.media_failed, media_absent = excluded.media_absent, media_skipped = excluded.media_skipped,
      media_deleted = excluded.media_deleted, bytes = excluded.bytes`;
}
