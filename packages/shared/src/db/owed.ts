/**
 * owed.ts: the media that there is something to do for. What that means is written once, in the database's function `owed_of`
 * (prisma/migrations), which keeps `message_media.owed`; what is read here costs as much as there is to do, and not as there is.
 */
import { linkIsDue } from './media.js';
import type { MediaRef } from './messages.js';
import { asRows } from './rows.js';
import { type Db, sql } from './handle.js';

/** Where the last look at a chat ended, in the order of kind and id. */
export interface MediaCursor extends MediaRef {
  chatId: bigint;
}

/** A media that a wanted chat waits for, with names for people: the chat's and the file's. */
export interface OwedMedia extends MediaCursor {
  chatTitle: string;
  name: string | null;
}

/** A wanted chat that waits for media, with none of them: its look ended at the last one. */
export type OwedNothingMore = { [key in keyof OwedMedia]: key extends 'chatId' | 'chatTitle' ? OwedMedia[key] : null };

/**
 * Of each wanted chat that waits for files or links some, after its cursor: as many of each chat as make `limit` together. A chat of which
 * none is left after its cursor has one row that says so.
 */
export async function owedMedia(
  db: Db,
  cursors: readonly MediaCursor[],
  limit: number,
): Promise<(OwedMedia | OwedNothingMore)[]> {
  return await sql(db).$queryRaw`
    WITH waiting AS MATERIALIZED (
      SELECT id, title FROM chat WHERE wanted AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = chat.id AND m.owed = 'file')),
    cursors AS (
      SELECT "chatId", kind, id FROM jsonb_to_recordset(${asRows(cursors)}::jsonb) AS x("chatId" bigint, kind text, id bigint))
    SELECT waiting.id AS "chatId", waiting.title AS "chatTitle", found.kind, found.media_id AS id, d.name
    FROM waiting LEFT JOIN cursors ON cursors."chatId" = waiting.id
    LEFT JOIN LATERAL (
      SELECT DISTINCT m.kind, m.media_id FROM message_media m
      WHERE m.chat_id = waiting.id AND m.owed = 'file' AND (m.kind, m.media_id) > (coalesce(cursors.kind, ''), coalesce(cursors.id, 0))
      ORDER BY m.kind, m.media_id LIMIT (SELECT ceil(${limit}::float8 / count(*)) FROM waiting)) found ON true
    LEFT JOIN document d ON found.kind = 'document' AND d.id = found.media_id
    ORDER BY waiting.id, found.kind, found.media_id`;
}

/** Of some media those that a wanted chat waits for: also what failed, which a person may ask for again. */
export async function stillWanted(db: Db, media: readonly MediaRef[]): Promise<MediaRef[]> {
  return await sql(db).$queryRaw<MediaRef[]>`
    SELECT DISTINCT m.kind, m.media_id AS id FROM jsonb_to_recordset(${asRows(media)}::jsonb) AS x(kind text, id bigint)
    JOIN message_media m ON m.kind = x.kind AND m.media_id = x.id AND ${linkIsDue}
    JOIN chat ON chat.id = m.chat_id AND chat.wanted`;
}

/** Links that the disk refused, and messages that told no file reference, are due again when their time has come. */
export async function wakeDue(db: Db): Promise<void> {
  // What another has in hand wakes at the next look.
  await sql(db).$executeRaw`
    UPDATE message_media m SET link_retry_at = NULL FROM (
      SELECT ctid FROM message_media WHERE link_retry_at <= now() FOR UPDATE SKIP LOCKED) due WHERE m.ctid = due.ctid`;
  await sql(db).$executeRaw`
    UPDATE message_media m SET reference_retry_at = NULL FROM (
      SELECT ctid FROM message_media WHERE reference_retry_at <= now() FOR UPDATE SKIP LOCKED) due WHERE m.ctid = due.ctid`;
}

export interface Remaining {
  files: number;
  bytes: bigint;
}

/** Files that are still to be downloaded for wanted chats. */
export async function remainingMedia(db: Db): Promise<Remaining> {
  const rows = await sql(db).$queryRaw<Remaining[]>`
    WITH wanted AS (
      SELECT DISTINCT m.kind, m.media_id FROM chat JOIN message_media m ON m.chat_id = chat.id AND m.owed = 'file' WHERE chat.wanted
      UNION
      SELECT m.kind, m.media_id FROM chat JOIN message_media m ON m.chat_id = chat.id AND m.owed = 'reference' AND m.link = 'pending'
      WHERE chat.wanted)
    SELECT count(*)::int AS files, coalesce(sum(size), 0)::bigint AS bytes FROM (
      SELECT size FROM wanted JOIN photo ON kind = 'photo' AND id = media_id AND NOT saved
      UNION ALL SELECT size FROM wanted JOIN document ON kind = 'document' AND id = media_id AND NOT saved) remaining`;
  return rows[0]!;
}
