/**
 * owed.ts: the media that there is something to do for. What that means is written once, in the database's function `owed_of`
 * (prisma/migrations), which keeps `message_media.owed`; what is read here costs as much as there is to do, and not as there is.
 */
import { linkIsDue } from './media.js';
import type { MediaRef } from './messages.js';
import { asRows } from './rows.js';
import { type Db, sql } from './handle.js';

/** Where the last look at a chat ended, in the order of id and kind. */
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

const lowest = -(2n ** 63n);

async function waitingChats(db: Db): Promise<{ chatId: bigint; chatTitle: string }[]> {
  return await sql(db).$queryRaw`
    SELECT id AS "chatId", title AS "chatTitle" FROM chat
    WHERE wanted AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = chat.id AND m.owed = 'file')`;
}

/**
 * Of each wanted chat that waits for files or links some, after its cursor: as many of each chat as make `limit` together. A chat of which
 * none is left after its cursor has one row that says so.
 */
export async function owedMedia(
  db: Db,
  cursors: readonly MediaCursor[],
  limit: number,
): Promise<(OwedMedia | OwedNothingMore)[]> {
  const waiting = await waitingChats(db);
  if (waiting.length === 0) return [];
  const after = new Map(cursors.map((it) => [it.chatId, it]));
  const looks = waiting.map(({ chatId, chatTitle }) => {
    const { kind, id } = after.get(chatId) ?? { kind: '', id: lowest };
    return { chatId, chatTitle, kind, id };
  });
  // A number, not a subquery: Postgres then knows that the first few are enough, and reads no more of the index.
  const share = Math.ceil(limit / waiting.length);
  return await sql(db).$queryRaw`
    SELECT look."chatId", look."chatTitle", found.kind, found.media_id AS id, d.name
    FROM jsonb_to_recordset(${asRows(looks)}::jsonb) AS look("chatId" bigint, "chatTitle" text, kind text, id bigint)
    LEFT JOIN LATERAL (
      SELECT DISTINCT m.media_id, m.kind FROM message_media m
      WHERE m.chat_id = look."chatId" AND m.owed = 'file' AND (m.media_id, m.kind) > (look.id, look.kind)
      ORDER BY m.media_id, m.kind LIMIT ${share}) found ON true
    LEFT JOIN document d ON found.kind = 'document' AND d.id = found.media_id
    ORDER BY look."chatId", found.media_id, found.kind`;
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
  const chats = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT id FROM chat WHERE wanted AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = chat.id AND m.owed = 'file')
    UNION
    SELECT id FROM chat WHERE wanted AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = chat.id AND m.owed = 'reference')`;
  // Ids, not a join: Postgres then knows how little of the index they are.
  const ids = chats.map((it) => it.id);
  const rows = await sql(db).$queryRaw<Remaining[]>`
    WITH wanted AS (
      SELECT kind, media_id FROM message_media WHERE chat_id = ANY(${ids}::bigint[]) AND owed = 'file'
      UNION
      SELECT kind, media_id FROM message_media WHERE chat_id = ANY(${ids}::bigint[]) AND owed = 'reference' AND link = 'pending')
    SELECT count(*)::int AS files, coalesce(sum(size), 0)::bigint AS bytes FROM (
      SELECT size FROM wanted JOIN photo ON kind = 'photo' AND id = media_id AND NOT saved
      UNION ALL SELECT size FROM wanted JOIN document ON kind = 'document' AND id = media_id AND NOT saved) remaining`;
  return rows[0]!;
}
