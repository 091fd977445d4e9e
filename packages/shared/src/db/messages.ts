/** messages.ts: messages and their media as rows. They go in as one jsonb per table (bulk), sorted by id, so that two pages never deadlock. */
import type { IdRange } from '../coverage/index.js';
import { hasOwnMessageIds } from '../peer-id/index.js';
import { decide, type Decision, type MediaCategory, type MediaFacts, type MediaRules } from '../rules/index.js';
import type { PeerRow } from './peers.js';
import { asRows, byId } from './rows.js';
import { Prisma } from './sql-text.js';
import type { TopicRow } from './topics.js';
import type { MediaKind, MediaPlace } from './words.js';
import { sql, type Tx } from './handle.js';

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
  /** If an update of a channel told it: the box's pts after that. */
  pts?: number;
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
  category: MediaCategory;
  /** Telegram shows it once, or for some seconds: it cannot wait. */
  isUrgent?: boolean;
}

export interface Page {
  chatId: bigint;
  /** The account that read it. */
  accountId: bigint;
  peers: readonly PeerRow[];
  /** The topics that its messages belong to. */
  topics?: readonly TopicRow[];
  messages: readonly MessageRow[];
  /** The range that the page proves to have been read; absent: none. */
  proven: IdRange | null;
  /** When it was asked for, by the database's clock: it replaces what is older. Absent: it replaces nothing. */
  asOf?: Date;
  /** Of a channel: up to where its updates are in what was read. Given only if they are not applied yet. */
  ahead?: number | undefined;
}

/** Whose the messages are: the account's, for private chats and basic groups; 0: the same for everybody. */
export const ownerOf = ({ chatId, accountId }: Pick<Page, 'chatId' | 'accountId'>) =>
  hasOwnMessageIds(chatId) ? 0n : accountId;

/** How far an answer is ahead of the updates of its channel; undefined: it is not, or did not say. `applied`: the pts of the channel here. */
export const aheadOf = (pts: number | undefined, applied: number | null) =>
  pts !== undefined && pts > (applied ?? pts) ? pts : undefined;

/** A media to be downloaded or linked. */
export interface MediaRef {
  kind: MediaKind;
  id: bigint;
}

/** Media of a chat that wait for a download. */
export interface Waiting {
  chatTitle: string;
  media: MediaRef[];
  /** The messages that hold them. */
  messages: readonly { media: readonly MediaRow[] }[];
}

/** File references live longer than this: a sticker in every second message is not rewritten with each of them. */
const young = '10 minutes';

/**
 * Records media, and how the account that read the page reaches them. For those still owed, a new file reference replaces an old or
 * refused one. A media that was gone is owed again, as a message holds it.
 */
export async function storeMedia(
  tx: Tx,
  { accountId, messages }: Pick<Page, 'accountId'> & Pick<Waiting, 'messages'>,
): Promise<void> {
  const media = messages.flatMap((it) => it.media);
  if (media.length === 0) return;
  const rows = (kind: MediaKind) =>
    byId(media.filter((it) => it.kind === kind)).map((it) => ({ ...it, fileReference: hex(it.fileReference) }));
  const photos = rows('photo');
  const documents = rows('document');
  if (photos.length > 0) {
    await sql(tx).prepared.$executeRaw`
      INSERT INTO photo (id, dc_id, size, thumb_size)
      SELECT id, "dcId", size, "thumbSize" FROM jsonb_to_recordset(${asRows(photos)}::jsonb)
        AS x(id bigint, "dcId" int, size bigint, "thumbSize" text)
      ON CONFLICT (id) DO UPDATE SET state = 'owed', reason = NULL WHERE photo.state = 'gone'`;
  }
  if (documents.length > 0) {
    await sql(tx).prepared.$executeRaw`
      INSERT INTO document (id, dc_id, size, type, name, category)
      SELECT id, "dcId", size, type, name, category FROM jsonb_to_recordset(${asRows(documents)}::jsonb)
        AS x(id bigint, "dcId" int, size bigint, type text, name text, category text)
      ON CONFLICT (id) DO UPDATE SET state = CASE document.state WHEN 'gone' THEN 'owed' ELSE document.state END,
        reason = CASE document.state WHEN 'gone' THEN NULL ELSE document.reason END, category = excluded.category
      WHERE document.state = 'gone' OR document.category IS NULL`;
  }
  const access = [...documents, ...photos].map(({ kind, id, accessHash, fileReference }) => {
    return { kind, id, accessHash, fileReference };
  });
  await sql(tx).$executeRaw`
    INSERT INTO media_access AS known (account_id, kind, media_id, access_hash, file_reference)
    SELECT ${accountId}::bigint, kind, id, "accessHash", decode("fileReference", 'hex') FROM jsonb_to_recordset(${asRows(access)}::jsonb)
      AS x(kind text, id bigint, "accessHash" bigint, "fileReference" text)
    ON CONFLICT (kind, media_id, account_id) DO UPDATE
      SET access_hash = excluded.access_hash, file_reference = excluded.file_reference, reference_at = now(), reference_refused_at = NULL
      WHERE known.file_reference <> excluded.file_reference
        AND (known.reference_refused_at IS NOT NULL OR known.reference_at < now() - ${young}::interval)
        AND NOT EXISTS (SELECT FROM photo WHERE known.kind = 'photo' AND photo.id = known.media_id AND saved)
        AND NOT EXISTS (SELECT FROM document WHERE known.kind = 'document' AND document.id = known.media_id AND saved)`;
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

/** The decision about each media of each message. */
export type Decided = ReadonlyMap<MediaRow, Decision>;

type Judged = Pick<MessageRow, 'date' | 'message' | 'senderId' | 'topicId' | 'media'>;

export function decidedBy(rules: MediaRules, messages: readonly Judged[]): Decided {
  return new Map(messages.flatMap((message) => message.media.map((it) => [it, decide(rules, factsOf(message, it))])));
}

function factsOf({ date, message, senderId, topicId }: Judged, { category, type, name, size }: MediaRow): MediaFacts {
  return { category, type, name, size, date, caption: message, senderId, topicId };
}

/** The lock of whoever deletes in an account's private chats and basic groups, of which a deletion names none, so that their locks are no help. */
const deletionLock = (accountId: bigint) => Prisma.sql`hashtextextended(${`deletions ${accountId}`}, 0)`;

/** Nobody else stores or deletes messages of these chats until the transaction ends: each message is deleted, or remembered as deleted. */
export async function lockDeletions(tx: Tx, accountId: bigint): Promise<void> {
  await sql(tx).$queryRaw`SELECT pg_advisory_xact_lock(${deletionLock(accountId)})`;
}

/** Deletions that are under way are over, and others wait until the transaction ends. Taken after the locks of chats, peers and media. */
async function untilDeleted(tx: Tx, accountId: bigint): Promise<void> {
  await sql(tx).$queryRaw`SELECT pg_advisory_xact_lock_shared(${deletionLock(accountId)})`;
}

/** Returns the ids of those that were not stored before. One that was deleted before we saw it is kept as deleted. */
export async function storeMessages(
  tx: Tx,
  page: Page,
  decided: Decided,
  known: keyof typeof conflict = 'keep',
): Promise<Set<bigint>> {
  const { chatId, messages, asOf, ahead } = page;
  if (messages.length === 0) return new Set();
  const isOfAccount = !hasOwnMessageIds(chatId);
  if (isOfAccount) await untilDeleted(tx, ownerOf(page));
  const rows = JSON.stringify(byId(messages).map((it) => columnsOf(it, decided)));
  const stored = await sql(tx).prepared.$queryRaw<{ id: bigint }[]>`
    INSERT INTO message (id, chat_id, owner_id, sender_id, date, edit_date, message, entities, reply_to_msg_id, reply_to_chat_id,
      reply_to_sender_id, fwd_from_msg_id, fwd_from_chat_id, fwd_from_sender_id, fwd_from_name, fwd_from_date, photo_id, document_id,
      linked, grouped_id, topic_id, via_bot_id, post_author, views, forwards, action, media_type, raw, raw_layer, mapped,
      unread_constructor, ask_again_at, as_of, ahead_pts, deleted_at, deleted_reason)
    SELECT x.id, ${chatId}, ${ownerOf(page)}::bigint, "senderId", date, "editDate", message, entities, "replyToMsgId",
      "replyToChatId", "replyToSenderId", "fwdFromMsgId", "fwdFromChatId", "fwdFromSenderId", "fwdFromName", "fwdFromDate", "photoId",
      "documentId", linked, "groupedId", "topicId", "viaBotId", "postAuthor", views, forwards, action, "mediaType", raw, "rawLayer", mapped,
      "unreadConstructor", "askAgainAt", ${asOf ?? null}::timestamptz, ${ahead ?? null}::int, t.deleted_at, CASE WHEN t.id IS NOT NULL THEN 'deleted' END
    FROM jsonb_to_recordset(${rows}::jsonb) AS x(id bigint, "senderId" bigint, date timestamptz, "editDate" timestamptz,
      message text, entities jsonb, "replyToMsgId" bigint, "replyToChatId" bigint, "replyToSenderId" bigint, "fwdFromMsgId" bigint,
      "fwdFromChatId" bigint, "fwdFromSenderId" bigint, "fwdFromName" text, "fwdFromDate" timestamptz, "photoId" bigint,
      "documentId" bigint, linked boolean, "groupedId" bigint, "topicId" bigint, "viaBotId" bigint, "postAuthor" text, views int,
      forwards int, action text, "mediaType" text, raw jsonb, "rawLayer" int, mapped boolean,
      "unreadConstructor" text, "askAgainAt" timestamptz)
    LEFT JOIN tombstone t ON t.owner_id = ${ownerOf(page)} AND t.chat_id = ${isOfAccount ? 0n : chatId} AND t.id = x.id
    ON CONFLICT (chat_id, id, owner_id) DO ${conflict[known]}
    RETURNING id`;
  return new Set(stored.map((it) => it.id));
}

/** The message as JSON. Most of its columns are NULL, as is what is undefined and so left out. */
export function columnsOf(it: MessageRow, decided: Decided): object {
  const { media } = it;
  return {
    id: text(it.id),
    senderId: text(it.senderId),
    date: it.date ?? undefined,
    editDate: it.editDate ?? undefined,
    message: it.message ?? undefined,
    entities: it.entities ?? undefined,
    replyToMsgId: text(it.replyToMsgId),
    replyToChatId: text(it.replyToChatId),
    replyToSenderId: text(it.replyToSenderId),
    fwdFromMsgId: text(it.fwdFromMsgId),
    fwdFromChatId: text(it.fwdFromChatId),
    fwdFromSenderId: text(it.fwdFromSenderId),
    fwdFromName: it.fwdFromName ?? undefined,
    fwdFromDate: it.fwdFromDate ?? undefined,
    photoId: text(media.find((one) => one.kind === 'photo')?.id),
    documentId: text(media.find((one) => one.kind === 'document')?.id),
    linked: media.every((one) => decided.get(one) !== null),
    groupedId: text(it.groupedId),
    topicId: text(it.topicId),
    viaBotId: text(it.viaBotId),
    postAuthor: it.postAuthor ?? undefined,
    views: it.views ?? undefined,
    forwards: it.forwards ?? undefined,
    action: it.action ?? undefined,
    mediaType: it.mediaType ?? undefined,
    raw: it.raw,
    rawLayer: it.rawLayer,
    mapped: it.mapped,
    unreadConstructor: it.unreadConstructor ?? undefined,
    askAgainAt: it.askAgainAt ?? undefined,
  };
}

function text(id: bigint | null | undefined): string | undefined {
  return id === null || id === undefined ? undefined : id.toString();
}

export async function storeMessageMedia(
  tx: Tx,
  page: Pick<Page, 'chatId' | 'accountId'> & { messages: readonly Pick<MessageRow, 'id' | 'media'>[] },
  decided: Decided,
): Promise<MediaRef[]> {
  const { chatId, messages } = page;
  const rows = byId(messages).flatMap((message) =>
    message.media.map((it, position) => {
      const { kind, id, via, isUrgent: urgent = false } = it;
      return { messageId: message.id, kind, mediaId: id, position, via, rule: decided.get(it) ?? null, urgent };
    }),
  );
  if (rows.length === 0) return [];
  await sql(tx).prepared.$executeRaw`
    INSERT INTO message_media (chat_id, message_id, owner_id, kind, media_id, position, via, link, rule, urgent)
    SELECT ${chatId}, "messageId", ${ownerOf(page)}::bigint, kind, "mediaId", position, via,
      CASE WHEN rule IS NULL THEN 'pending' ELSE 'skipped' END, rule, urgent FROM jsonb_to_recordset(${asRows(rows)}::jsonb)
      AS x("messageId" bigint, kind text, "mediaId" bigint, position int, via text, rule text, urgent boolean)
    ON CONFLICT DO NOTHING`;
  return await sql(tx).$queryRaw<MediaRef[]>`
    SELECT DISTINCT kind, media_id AS id FROM message_media
    WHERE chat_id = ${chatId} AND owed = 'file' AND message_id IN (
      SELECT "messageId" FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS x("messageId" bigint))`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
