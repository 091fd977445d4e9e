/**
 * owed.ts: finds the media that something remains to be done for. The rule is written once, as the database function `owed_of`
 * (prisma/migrations), and kept in `message_media.owed`, so these queries cost what there is to do and not what is archived.
 */
import { linkIsDue } from './media.js';
import type { MediaRef } from './messages.js';
import { asRows } from './rows.js';
import { type Db, sql } from './handle.js';

/** Where the last query of a chat ended, ordered by id and kind. */
export interface MediaCursor extends MediaRef {
  chatId: bigint;
}

/** A media that a wanted chat is waiting for, with the names of the chat and the file for display. */
export interface OwedMedia extends MediaCursor {
  chatTitle: string;
  name: string | null;
}

/** A wanted chat that is waiting for media, none of which come after its cursor. */
export type OwedNothingMore = { [key in keyof OwedMedia]: key extends 'chatId' | 'chatTitle' ? OwedMedia[key] : null };

const lowest = -(2n ** 63n);

/** At most `most` of them, and others each time, so that none has to wait for all before it. */
async function waitingChats(db: Db, most: number): Promise<{ chatId: bigint; chatTitle: string }[]> {
  return await sql(db).$queryRaw`
    SELECT id AS "chatId", title AS "chatTitle" FROM chat
    WHERE EXISTS (SELECT FROM dialog WHERE chat_id = chat.id AND wanted)
      AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = chat.id AND m.owed = 'file')
    ORDER BY random() LIMIT ${most}`;
}

/**
 * Media of every wanted chat that is waiting for files or links, after the chat's cursor: an equal share of `limit` from each; of more chats
 * than that, one from each of some. A chat with
 * nothing left after its cursor gets one row of nulls.
 */
export async function owedMedia(
  db: Db,
  cursors: readonly MediaCursor[],
  limit: number,
): Promise<(OwedMedia | OwedNothingMore)[]> {
  const waiting = await waitingChats(db, limit);
  if (waiting.length === 0) return [];
  const after = new Map(cursors.map((it) => [it.chatId, it]));
  const looks = waiting.map(({ chatId, chatTitle }) => {
    const { kind, id } = after.get(chatId) ?? { kind: '', id: lowest };
    return { chatId, chatTitle, kind, id };
  });
  // A constant rather than a subquery, so that Postgres plans for the first few rows and does not read the whole index. A name is looked up
  // for each row found: for a join, Postgres expects many rows and reads all documents.
  const share = Math.ceil(limit / waiting.length);
  return await sql(db).$queryRaw`
    SELECT look."chatId", look."chatTitle", found.kind, found.media_id AS id,
      (SELECT name FROM document WHERE found.kind = 'document' AND id = found.media_id)
    FROM jsonb_to_recordset(${asRows(looks)}::jsonb) AS look("chatId" bigint, "chatTitle" text, kind text, id bigint)
    LEFT JOIN LATERAL (
      SELECT DISTINCT m.media_id, m.kind FROM message_media m
      WHERE m.chat_id = look."chatId" AND m.owed = 'file' AND (m.media_id, m.kind) > (look.id, look.kind)
      ORDER BY m.media_id, m.kind LIMIT ${share}) found ON true
    ORDER BY look."chatId", found.media_id, found.kind`;
}

/** Media of wanted chats that Telegram shows once, or for some seconds, each once and at most `most`: they cannot wait for others. */
export async function urgentMedia(db: Db, most: number): Promise<OwedMedia[]> {
  return await sql(db).$queryRaw<OwedMedia[]>`
    SELECT DISTINCT ON (m.media_id, m.kind) m.chat_id AS "chatId", title AS "chatTitle", m.kind, m.media_id AS id,
      (SELECT name FROM document WHERE m.kind = 'document' AND id = m.media_id)
    FROM message_media m JOIN chat ON chat.id = m.chat_id
    WHERE m.owed = 'file' AND m.urgent AND EXISTS (SELECT FROM dialog WHERE dialog.chat_id = m.chat_id AND wanted)
    ORDER BY m.media_id, m.kind LIMIT ${most}`;
}

/** Which of these media a wanted chat is waiting for, including failed ones, which a person may retry. */
export async function stillWanted(db: Db, media: readonly MediaRef[]): Promise<MediaRef[]> {
  return await sql(db).$queryRaw<MediaRef[]>`
    SELECT DISTINCT m.kind, m.media_id AS id FROM jsonb_to_recordset(${asRows(media)}::jsonb) AS x(kind text, id bigint)
    JOIN message_media m ON m.kind = x.kind AND m.media_id = x.id AND ${linkIsDue}
    JOIN dialog ON dialog.chat_id = m.chat_id AND dialog.wanted`;
}

/** Makes refused links, and messages that returned no file reference, due again once their retry time has passed. */
export async function wakeDue(db: Db): Promise<void> {
  // Rows locked by another transaction are picked up by the next call.
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

/** Files still to be downloaded for wanted chats, and their size in bytes. */
export async function remainingMedia(db: Db): Promise<Remaining> {
  const chats = await sql(db).$queryRaw<{ id: bigint }[]>`
    SELECT chat_id AS id FROM dialog WHERE wanted AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = dialog.chat_id AND m.owed = 'file')
    UNION
    SELECT chat_id FROM dialog WHERE wanted AND EXISTS (SELECT FROM message_media m WHERE m.chat_id = dialog.chat_id AND m.owed = 'reference')`;
  // Ids rather than a join, so that Postgres can estimate how small a part of the index they are.
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
