/** references.ts: file references that Telegram refused, and the messages to ask for fresh ones. */
import { Prisma } from './sql-text.js';
import { recordGone, type Media } from './media.js';
import type { MediaKind, MediaRef, MediaRow } from './messages.js';
import { asRows } from './rows.js';
import { type Db, inTransaction, sql } from './handle.js';

const table = (kind: MediaKind) => Prisma.raw(kind);

/** Notes that the reference which `media` had was refused, unless a fresh one came meanwhile. */
export async function refuseReference(db: Db, { kind, id, fileReference }: Media): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE ${table(kind)} SET reference_refused_at = now() WHERE id = ${id} AND file_reference = ${fileReference}`;
}

export interface Origin {
  chatId: bigint;
  readable: boolean;
  wanted: boolean;
}

/**
 * A chat with a message that should still hold the media, a readable one first; undefined: none is left. One that is wanted
 * and cannot be read now is looked at again.
 */
export async function originOf(db: Db, { kind, id }: MediaRef): Promise<Origin | undefined> {
  const rows = await sql(db).$queryRaw<Origin[]>`
    SELECT m.chat_id AS "chatId", chat.state <> 'unreadable' AS readable, chat.wanted FROM message_media m JOIN chat ON chat.id = m.chat_id
    WHERE m.kind = ${kind} AND m.media_id = ${id} AND NOT m.stale
    ORDER BY readable DESC, chat.wanted DESC, m.message_id DESC LIMIT 1`;
  return rows[0];
}

/**
 * Messages of a chat that hold a wanted media whose reference was refused: each media once, its newest message. Where the media
 * is wanted is another matter: the person may have deleted this chat's link to it. `except` are media that were asked for in vain.
 */
export async function messagesToAsk(
  db: Db,
  chatId: bigint,
  limit: number,
  except: readonly MediaRef[] = [],
): Promise<(MediaRef & { messageId: bigint })[]> {
  return await sql(db).$queryRaw`
    WITH refused AS (
      SELECT DISTINCT w.kind, w.media_id
      FROM message_media w
      LEFT JOIN photo p ON w.kind = 'photo' AND p.id = w.media_id AND p.reference_refused_at IS NOT NULL AND NOT p.saved
      LEFT JOIN document d ON w.kind = 'document' AND d.id = w.media_id AND d.reference_refused_at IS NOT NULL AND NOT d.saved
      WHERE w.link = 'pending' AND (p.id IS NOT NULL OR d.id IS NOT NULL)
    )
    SELECT DISTINCT ON (m.kind, m.media_id) m.kind, m.media_id AS id, m.message_id AS "messageId"
    FROM refused JOIN message_media m USING (kind, media_id)
    WHERE m.chat_id = ${chatId} AND NOT m.stale AND NOT EXISTS (
      SELECT FROM jsonb_to_recordset(${asRows(except.map(({ kind, id }) => ({ kind, id })))}::jsonb) AS x(kind text, id bigint)
      WHERE x.kind = m.kind AND x.id = m.media_id)
    ORDER BY m.kind, m.media_id, m.message_id DESC LIMIT ${limit}`;
}

/** A fresh reference came with a message. */
export async function renewReference(db: Db, { kind, id, fileReference, dcId, accessHash }: MediaRow): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE ${table(kind)} SET file_reference = ${fileReference}, reference_refused_at = NULL, dc_id = ${dcId}, access_hash = ${accessHash}
    WHERE id = ${id} AND NOT saved`;
}

/** A message no longer holds the media; when it was the last one, the media is gone. */
export async function loseOrigin(
  db: Db,
  chatId: bigint,
  { kind, id, messageId }: MediaRef & { messageId: bigint },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    // Two that lose the last two origins at once would each see the other's; a page that brings a new one waits, or is seen.
    await sql(tx).$queryRaw`SELECT id FROM ${table(kind)} WHERE id = ${id} FOR UPDATE`;
    await sql(tx).$executeRaw`
      UPDATE message_media SET stale = true
      WHERE chat_id = ${chatId} AND message_id = ${messageId} AND kind = ${kind} AND media_id = ${id}`;
    const left = await sql(tx).$queryRaw<unknown[]>`
      SELECT 1 FROM message_media WHERE kind = ${kind} AND media_id = ${id} AND NOT stale LIMIT 1`;
    if (left.length === 0)
      await recordGone(tx, { kind, id }, 'every message that held it was deleted or changed in Telegram');
  });
}
