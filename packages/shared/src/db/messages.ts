/**
 * messages.ts: stores a page of history in one transaction: peers, messages, media and the coverage that the page proves. Rows go in as
 * one jsonb per table (bulk), sorted by id, so that two pages never deadlock.
 */
import type { IdRange } from '../coverage/index.js';
import { addCoverage, lockChat } from './coverage.js';
import { asRows } from './rows.js';
import { Prisma } from './sql-text.js';
import type { MediaKind, MediaPlace } from './words.js';
import { type Db, inTransaction, sql, type Tx } from './handle.js';

export interface PeerRow {
  id: bigint;
  kind: string;
  name: string;
  username: string | null;
  accessHash: bigint | null;
  raw: object;
  /** A partial description: what is already known takes precedence. */
  min: boolean;
}

export interface MessageRow {
  id: bigint;
  senderId: bigint | null;
  /** null, like the text, if it comes after an unreadable part. */
  date: Date | null;
  editDate: Date | null;
  message: string | null;
  entities: object | null;
  replyToMsgId: bigint | null;
  replyToChatId: bigint | null;
  replyToSenderId: bigint | null;
  fwdFromMsgId: bigint | null;
  fwdFromChatId: bigint | null;
  fwdFromSenderId: bigint | null;
  fwdFromName: string | null;
  fwdFromDate: Date | null;
  groupedId: bigint | null;
  topicId: bigint | null;
  viaBotId: bigint | null;
  postAuthor: string | null;
  views: number | null;
  forwards: number | null;
  action: string | null;
  mediaType: string | null;
  raw: object;
  rawLayer: number;
  mapped: boolean;
  /** The unknown constructor's id, if that is why; `damaged`: the bytes are inconsistent. */
  unreadConstructor: string | null;
  /** When it is worth fetching again, as it was incomplete. */
  askAgainAt: Date | null;
  media: MediaRow[];
}

/** A photo or document as found in one message: everything that a download needs. */
export interface MediaRow {
  kind: MediaKind;
  id: bigint;
  via: MediaPlace;
  dcId: number;
  accessHash: bigint;
  fileReference: Uint8Array;
  size: bigint;
  /** Photos: which size. */
  thumbSize: string | null;
  type: string | null;
  name: string | null;
}

export interface Page {
  chatId: bigint;
  /** The account that the messages belong to, for private chats and basic groups; 0: they are the same for everybody. */
  ownerId: bigint;
  peers: readonly PeerRow[];
  messages: readonly MessageRow[];
  /** The range that the page proves to have been read; absent: none. */
  proven: IdRange | null;
}

/** A media to be downloaded or linked. */
export interface MediaRef {
  kind: MediaKind;
  id: bigint;
}

/** Stores a page; returns its media that now wait for a download or a link. Safe to repeat. */
export async function storePage(db: Db, page: Page): Promise<MediaRef[]> {
  return await inTransaction(db, async (tx) => {
    await lockChat(tx, page.chatId);
    await storePeers(tx, page.peers);
    await storeMedia(tx, page.messages);
    await storeMessages(tx, page);
    const waiting = await storeMessageMedia(tx, page);
    if (page.proven) await addCoverage(tx, page, page.proven);
    return waiting;
  });
}

function byId<T extends { id: bigint }>(rows: Iterable<T>): T[] {
  const unique = new Map<bigint, T>();
  for (const row of rows) unique.set(row.id, row);
  return [...unique.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** If a page contains a peer twice, the full description counts. */
export function fullLast<T extends { min?: boolean }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => Number(b.min ?? false) - Number(a.min ?? false));
}

export async function storePeers(tx: Tx, peers: readonly PeerRow[]): Promise<void> {
  if (peers.length === 0) return;
  await sql(tx).$executeRaw`
    INSERT INTO peer (id, kind, name, username, access_hash, raw)
    SELECT id, kind, name, username, "accessHash", raw FROM jsonb_to_recordset(${asRows(byId(fullLast(peers)))}::jsonb)
      AS x(id bigint, kind text, name text, username text, "accessHash" bigint, raw jsonb, min boolean)
    WHERE NOT min OR NOT EXISTS (SELECT FROM peer WHERE peer.id = x.id)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, username = excluded.username,
      access_hash = coalesce(excluded.access_hash, peer.access_hash), raw = excluded.raw, seen_at = now()
    WHERE (peer.kind, peer.name, peer.username, peer.access_hash) IS DISTINCT FROM
      (excluded.kind, excluded.name, excluded.username, coalesce(excluded.access_hash, peer.access_hash))`;
}

/** File references live longer than this: a sticker in every second message is not rewritten with each of them. */
const young = '10 minutes';

/**
 * Records media. For those still owed, a new file reference replaces an old or refused one. A media that was gone is owed again, as a
 * message holds it.
 */
export async function storeMedia(tx: Tx, messages: readonly MessageRow[]): Promise<void> {
  const media = messages.flatMap((it) => it.media);
  const rows = (kind: MediaKind) =>
    byId(media.filter((it) => it.kind === kind)).map((it) => ({ ...it, fileReference: hex(it.fileReference) }));
  const photos = rows('photo');
  const documents = rows('document');
  if (photos.length > 0) {
    await sql(tx).$executeRaw`
      INSERT INTO photo (id, dc_id, access_hash, file_reference, size, thumb_size)
      SELECT id, "dcId", "accessHash", decode("fileReference", 'hex'), size, "thumbSize" FROM jsonb_to_recordset(${asRows(photos)}::jsonb)
        AS x(id bigint, "dcId" int, "accessHash" bigint, "fileReference" text, size bigint, "thumbSize" text)
      ON CONFLICT (id) DO UPDATE SET file_reference = excluded.file_reference, reference_at = now(), reference_refused_at = NULL,
        state = CASE photo.state WHEN 'gone' THEN 'owed' ELSE photo.state END,
        reason = CASE photo.state WHEN 'gone' THEN NULL ELSE photo.reason END
      WHERE photo.state = 'gone' OR (photo.state <> 'saved' AND photo.file_reference <> excluded.file_reference
        AND (photo.reference_refused_at IS NOT NULL OR photo.reference_at < now() - ${young}::interval))`;
  }
  if (documents.length > 0) {
    await sql(tx).$executeRaw`
      INSERT INTO document (id, dc_id, access_hash, file_reference, size, type, name)
      SELECT id, "dcId", "accessHash", decode("fileReference", 'hex'), size, type, name FROM jsonb_to_recordset(${asRows(documents)}::jsonb)
        AS x(id bigint, "dcId" int, "accessHash" bigint, "fileReference" text, size bigint, type text, name text)
      ON CONFLICT (id) DO UPDATE SET file_reference = excluded.file_reference, reference_at = now(), reference_refused_at = NULL,
        state = CASE document.state WHEN 'gone' THEN 'owed' ELSE document.state END,
        reason = CASE document.state WHEN 'gone' THEN NULL ELSE document.reason END
      WHERE document.state = 'gone' OR (document.state <> 'saved' AND document.file_reference <> excluded.file_reference
        AND (document.reference_refused_at IS NOT NULL OR document.reference_at < now() - ${young}::interval))`;
  }
}

const conflict = {
  keep: Prisma.sql`NOTHING`,
  /** Those that were due as they could not be read, or said of themselves that they were not supported. */
  replaceDue: Prisma.sql`UPDATE SET
    sender_id = excluded.sender_id, date = excluded.date, edit_date = excluded.edit_date, message = excluded.message,
    entities = excluded.entities, reply_to_msg_id = excluded.reply_to_msg_id, reply_to_chat_id = excluded.reply_to_chat_id,
    reply_to_sender_id = excluded.reply_to_sender_id, fwd_from_msg_id = excluded.fwd_from_msg_id,
    fwd_from_chat_id = excluded.fwd_from_chat_id, fwd_from_sender_id = excluded.fwd_from_sender_id,
    fwd_from_name = excluded.fwd_from_name, fwd_from_date = excluded.fwd_from_date, photo_id = excluded.photo_id,
    document_id = excluded.document_id, linked = excluded.linked, grouped_id = excluded.grouped_id, topic_id = excluded.topic_id,
    via_bot_id = excluded.via_bot_id, post_author = excluded.post_author, views = excluded.views, forwards = excluded.forwards,
    action = excluded.action, media_type = excluded.media_type, raw = excluded.raw, raw_layer = excluded.raw_layer,
    mapped = excluded.mapped, unread_constructor = excluded.unread_constructor, ask_again_at = excluded.ask_again_at
    WHERE message.ask_again_at <= now() AND (NOT message.mapped OR message.media_type = 'MessageMediaUnsupported')`,
};

export async function storeMessages(
  tx: Tx,
  { chatId, ownerId, messages }: Page,
  known: keyof typeof conflict = 'keep',
): Promise<void> {
  if (messages.length === 0) return;
  const rows = byId(messages).map(({ media, ...it }) => ({
    ...it,
    photoId: media.find((one) => one.kind === 'photo')?.id ?? null,
    documentId: media.find((one) => one.kind === 'document')?.id ?? null,
    linked: media.length === 0,
  }));
  await sql(tx).$executeRaw`
    INSERT INTO message (id, chat_id, owner_id, sender_id, date, edit_date, message, entities, reply_to_msg_id, reply_to_chat_id,
      reply_to_sender_id, fwd_from_msg_id, fwd_from_chat_id, fwd_from_sender_id, fwd_from_name, fwd_from_date, photo_id, document_id,
      linked, grouped_id, topic_id, via_bot_id, post_author, views, forwards, action, media_type, raw, raw_layer, mapped,
      unread_constructor, ask_again_at)
    SELECT id, ${chatId}, ${ownerId}::bigint, "senderId", date, "editDate", message, nullif(entities, 'null'), "replyToMsgId",
      "replyToChatId", "replyToSenderId", "fwdFromMsgId", "fwdFromChatId", "fwdFromSenderId", "fwdFromName", "fwdFromDate", "photoId",
      "documentId", linked, "groupedId", "topicId", "viaBotId", "postAuthor", views, forwards, action, "mediaType", raw, "rawLayer", mapped,
      "unreadConstructor", "askAgainAt"
    FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x(id bigint, "senderId" bigint, date timestamptz, "editDate" timestamptz,
      message text, entities jsonb, "replyToMsgId" bigint, "replyToChatId" bigint, "replyToSenderId" bigint, "fwdFromMsgId" bigint,
      "fwdFromChatId" bigint, "fwdFromSenderId" bigint, "fwdFromName" text, "fwdFromDate" timestamptz, "photoId" bigint,
      "documentId" bigint, linked boolean, "groupedId" bigint, "topicId" bigint, "viaBotId" bigint, "postAuthor" text, views int,
      forwards int, action text, "mediaType" text, raw jsonb, "rawLayer" int, mapped boolean,
      "unreadConstructor" text, "askAgainAt" timestamptz)
    ON CONFLICT (chat_id, id, owner_id) DO ${conflict[known]}`;
}

export async function storeMessageMedia(tx: Tx, { chatId, ownerId, messages }: Page): Promise<MediaRef[]> {
  const rows = byId(messages).flatMap((message) =>
    message.media.map(({ kind, id, via }, position) => ({ messageId: message.id, kind, mediaId: id, position, via })),
  );
  if (rows.length === 0) return [];
  await sql(tx).$executeRaw`
    INSERT INTO message_media (chat_id, message_id, owner_id, kind, media_id, position, via)
    SELECT ${chatId}, "messageId", ${ownerId}::bigint, kind, "mediaId", position, via FROM jsonb_to_recordset(${asRows(rows)}::jsonb)
      AS x("messageId" bigint, kind text, "mediaId" bigint, position int, via text)
    ON CONFLICT DO NOTHING`;
  return await sql(tx).$queryRaw<MediaRef[]>`
    SELECT DISTINCT kind, media_id AS id FROM message_media
    WHERE chat_id = ${chatId} AND owed = 'file' AND message_id IN (
      SELECT "messageId" FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x("messageId" bigint))`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
