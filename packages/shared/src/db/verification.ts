/**
 * verification.ts: what a verification reads of the archive, page by page, as an archive may have ten million messages; and what it
 * remembers: which files a deep one has read, and which were wrong.
 */
import { Prisma } from './sql-text.js';
import type { MediaRef } from './messages.js';
import { type LinkState, type MediaKind, mediaKinds, type MediaState } from './words.js';
import { asRows } from './rows.js';
import { type Db, sql } from './handle.js';

const table = (kind: MediaKind) => Prisma.raw(kind);
const lowest = -(2n ** 63n);

/** A media as it should be on disk. */
export interface CheckedMedia extends MediaRef {
  state: MediaState;
  reason: string | null;
  size: bigint;
  sha256: string | null;
  fileName: string | null;
  /** A worker has it right now. */
  isClaimed: boolean;
  verifiedAt: Date | null;
  damagedAt: Date | null;
  deletedAt: Date | null;
  /** When it was found to differ from Telegram's file. */
  differsAt: Date | null;
}

const checkedColumns = (kind: MediaKind) => Prisma.sql`
  ${kind} AS kind, id, state, reason, size, sha256, file_name AS "fileName", verified_at AS "verifiedAt", damaged_at AS "damagedAt",
  deleted_at AS "deletedAt", differs_at AS "differsAt",
  coalesce(claimed_until > now(), false) AS "isClaimed"`;

/** Media of a kind by id, after a given one. */
export async function mediaToCheck(
  db: Db,
  kind: MediaKind,
  after: bigint | undefined,
  limit: number,
): Promise<CheckedMedia[]> {
  return await sql(db).$queryRaw<CheckedMedia[]>`
    SELECT ${checkedColumns(kind)} FROM ${table(kind)} WHERE id > ${after ?? lowest} ORDER BY id LIMIT ${limit}`;
}

/** The given media, as far as they exist. */
export async function mediaNamed(db: Db, refs: readonly MediaRef[]): Promise<CheckedMedia[]> {
  const of = (kind: MediaKind) => refs.filter((it) => it.kind === kind).map((it) => it.id);
  return await sql(db).$queryRaw<CheckedMedia[]>`
    SELECT ${checkedColumns('photo')} FROM photo WHERE id = ANY(${of('photo')}::bigint[])
    UNION ALL SELECT ${checkedColumns('document')} FROM document WHERE id = ANY(${of('document')}::bigint[])`;
}

/** A link as it should be in a chat's folder. */
export interface CheckedLink {
  mediaId: bigint;
  chatId: bigint;
  messageId: bigint;
  link: LinkState;
  linkName: string | null;
  /** Within /media; null: the folder of the chat's id. */
  folder: string | null;
  /** Why the disk refused it at the last attempt. */
  reason: string | null;
  /** The disk refused the link, so there is a copy instead. */
  copied: boolean;
  /** Whether the chat is in config.json now. */
  wanted: boolean;
}

/** The links of some media of a kind, by media, chat and message, after a given one. */
export async function linksToCheck(
  db: Db,
  kind: MediaKind,
  ids: readonly bigint[],
  after: Pick<CheckedLink, 'mediaId' | 'chatId' | 'messageId'> | undefined,
  limit: number,
): Promise<CheckedLink[]> {
  const { mediaId, chatId, messageId } = after ?? { mediaId: lowest, chatId: lowest, messageId: lowest };
  return await sql(db).$queryRaw<CheckedLink[]>`
    SELECT m.media_id AS "mediaId", m.chat_id AS "chatId", m.message_id AS "messageId", m.link, m.link_name AS "linkName", m.link_folder AS folder,
      m.link_reason AS reason, m.link_copied AS copied, coalesce(dialog.wanted, false) AS wanted
    FROM message_media m LEFT JOIN dialog ON dialog.chat_id = m.chat_id AND dialog.wanted
    WHERE m.kind = ${kind} AND m.media_id = ANY(${[...ids]}::bigint[])
      AND (m.media_id, m.chat_id, m.message_id) > (${mediaId}, ${chatId}, ${messageId})
    ORDER BY m.media_id, m.chat_id, m.message_id LIMIT ${limit}`;
}

/** The media of a message. */
export async function mediaOfMessage(db: Db, chatId: bigint, messageId: bigint): Promise<MediaRef[]> {
  return await sql(db).$queryRaw<MediaRef[]>`
    SELECT kind, media_id AS id FROM message_media WHERE chat_id = ${chatId} AND message_id = ${messageId}`;
}

export interface MessageKey {
  chatId: bigint;
  id: bigint;
}

/** Messages whose `linked` is not what their media say, by chat and id, after a given one. */
export async function contradictingMessages(
  db: Db,
  after: MessageKey | undefined,
  limit: number,
): Promise<(MessageKey & { linked: boolean })[]> {
  const { chatId, id } = after ?? { chatId: lowest, id: lowest };
  return await sql(db).$queryRaw`
    (SELECT chat_id AS "chatId", id, linked FROM message
      WHERE NOT linked AND (chat_id, id) > (${chatId}, ${id}) AND NOT EXISTS (
        SELECT FROM message_media m WHERE m.chat_id = message.chat_id AND m.message_id = message.id AND m.link = 'pending')
      ORDER BY chat_id, id LIMIT ${limit})
    UNION
    (SELECT DISTINCT message.chat_id AS "chatId", message.id, message.linked
      FROM message_media m JOIN message ON message.chat_id = m.chat_id AND message.id = m.message_id AND message.linked
      WHERE m.link = 'pending' AND (message.chat_id, message.id) > (${chatId}, ${id})
      ORDER BY 1, 2 LIMIT ${limit})
    ORDER BY 1, 2 LIMIT ${limit}`;
}

/** Messages stored as sent but not understood, by chat and id, after a given one. */
export async function unmappedMessages(
  db: Db,
  after: MessageKey | undefined,
  limit: number,
): Promise<(MessageKey & { constructor: string | null })[]> {
  const { chatId, id } = after ?? { chatId: lowest, id: lowest };
  return await sql(db).$queryRaw`
    SELECT chat_id AS "chatId", id, unread_constructor AS constructor FROM message WHERE NOT mapped AND (chat_id, id) > (${chatId}, ${id})
    ORDER BY chat_id, id LIMIT ${limit}`;
}

/** SQL: the tables of media do not know the media of `m`, or how to reach it: no key in the schema ensures that. */
export const isLost = Prisma.sql`(NOT EXISTS (SELECT FROM media_access a WHERE a.kind = m.kind AND a.media_id = m.media_id)
  OR NOT EXISTS (SELECT FROM photo WHERE m.kind = 'photo' AND photo.id = m.media_id)
    AND NOT EXISTS (SELECT FROM document WHERE m.kind = 'document' AND document.id = m.media_id))`;

/** Messages with media that the tables of media do not know, by chat and id, after a given one. */
export async function messagesWithLostMedia(
  db: Db,
  after: MessageKey | undefined,
  limit: number,
): Promise<(MessageKey & { kind: MediaKind; mediaId: bigint })[]> {
  const { chatId, id } = after ?? { chatId: lowest, id: lowest };
  return await sql(db).$queryRaw`
    SELECT DISTINCT ON (m.chat_id, m.message_id) m.chat_id AS "chatId", m.message_id AS id, m.kind, m.media_id AS "mediaId"
    FROM message_media m
    WHERE (m.chat_id, m.message_id) > (${chatId}, ${id})
      AND ${isLost}
    ORDER BY m.chat_id, m.message_id LIMIT ${limit}`;
}

/** Chats that have messages and no row of their own. */
export async function lostChats(db: Db): Promise<bigint[]> {
  const rows = await sql(db).$queryRaw<{ id: bigint }[]>`
    WITH RECURSIVE every AS (
      SELECT min(chat_id) AS id FROM message
      UNION ALL SELECT (SELECT min(chat_id) FROM message WHERE chat_id > every.id) FROM every WHERE every.id IS NOT NULL)
    SELECT id FROM every WHERE id IS NOT NULL AND NOT EXISTS (SELECT FROM dialog WHERE chat_id = every.id) ORDER BY id`;
  return rows.map((it) => it.id);
}

/** Begins a deep verification, or resumes an unfinished one unless it is to start afresh; returns when it began. */
export async function beginDeep(db: Db, fresh: boolean): Promise<Date> {
  const rows = await sql(db).$queryRaw<{ at: Date }[]>`
    INSERT INTO deep_verification DEFAULT VALUES
    ON CONFLICT ("only") DO UPDATE SET finished_at = NULL,
      began_at = CASE WHEN ${fresh} OR deep_verification.finished_at IS NOT NULL THEN now() ELSE deep_verification.began_at END
    RETURNING began_at AS at`;
  return rows[0]!.at;
}

export async function finishDeep(db: Db): Promise<void> {
  await sql(db).$executeRaw`UPDATE deep_verification SET finished_at = now()`;
}

export interface SavedTotals {
  files: number;
  bytes: bigint;
}

/** How many files are saved; with `since` only those that no deep verification has read since then. */
export async function savedTotals(db: Db, since?: Date): Promise<SavedTotals> {
  const unread = since ? Prisma.sql`AND (verified_at IS NULL OR verified_at < ${since})` : Prisma.empty;
  const rows = await sql(db).$queryRaw<SavedTotals[]>`
    SELECT count(*)::int AS files, coalesce(sum(size), 0)::bigint AS bytes FROM (
      SELECT size FROM photo WHERE state = 'saved' ${unread} UNION ALL SELECT size FROM document WHERE state = 'saved' ${unread}) saved`;
  return rows[0]!;
}

/** Records that these files were just read and are correct. */
export async function recordVerified(db: Db, refs: readonly MediaRef[]): Promise<void> {
  const rows = asRows(refs);
  for (const kind of mediaKinds) {
    await sql(db).$executeRaw`
      UPDATE ${table(kind)} SET verified_at = now(), damaged_at = NULL
      FROM jsonb_to_recordset(${rows}::jsonb) AS x(kind text, id bigint)
      WHERE x.kind = ${kind} AND ${table(kind)}.id = x.id AND state = 'saved'`;
  }
}

/** Records that the file exists but is wrong: the next verification reads it again, and a repair knows it. */
export async function recordDamaged(db: Db, { kind, id }: MediaRef): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE ${table(kind)} SET damaged_at = now(), verified_at = NULL WHERE id = ${id} AND state = 'saved'`;
}
