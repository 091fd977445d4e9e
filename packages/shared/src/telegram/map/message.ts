/** message.ts: turns a Telegram message into its row. Pure. A message that cannot be read is kept raw and marked, and holds up nothing. */
import { Api } from '../wire/gramjs.js';
import { layer } from '../wire/layer.js';
import type { MessageRow } from '../../db/messages.js';
import { cleanText } from './clean-text.js';
import { mediaOf } from './media.js';
import { markedId } from '../../peer-id/index.js';
import { isCut, type Unread } from '../wire/lenient-reader.js';
import { toRaw } from './raw.js';

/** The row of a message that was read at `now`; undefined for an empty message (`messageEmpty`). */
export function messageRow(message: Api.TypeMessage, selfId: bigint, now: Date): MessageRow | undefined {
  if (message instanceof Api.MessageEmpty) return undefined;
  const raw = toRaw(message) as Raw;
  try {
    return mapped(message, raw, selfId, now);
  } catch {
    return { ...blank(message), raw, mapped: false };
  }
}

/**
 * The row of a partly read message: the fields before the unknown part, null after it, and all its bytes in `raw`, so that a later
 * version can read it without asking Telegram.
 */
export function unreadMessageRow(
  id: bigint,
  { message, unread }: UnreadMessage,
  selfId: bigint,
  now: Date,
): MessageRow {
  const raw: Raw = { ...(message && (toRaw(message) as Raw)), $unread: unread.bytes.toString('base64') };
  const common = { id, raw, mapped: false, unreadConstructor: unread.constructorId ?? 'damaged' };
  if (!message) return { ...empty(id), ...common };
  try {
    return { ...mapped(message, raw, selfId, now), media: [], ...common };
  } catch {
    return { ...blank(message), ...common };
  }
}

/** A message as JSON. */
interface Raw {
  entities?: object;
  $unread?: string;
}

interface UnreadMessage {
  message: Api.Message | Api.MessageService | undefined;
  unread: Unread;
}

function blank({ id, date }: Api.Message | Api.MessageService): MessageRow {
  const isRead = typeof date === 'number';
  const row = empty(BigInt(id));
  row.date = isRead ? new Date(date * 1000) : null;
  row.message = isRead ? '' : null;
  return row;
}

function empty(id: bigint): MessageRow {
  return {
    id,
    senderId: null,
    date: null,
    editDate: null,
    message: null,
    entities: null,
    replyToMsgId: null,
    replyToChatId: null,
    replyToSenderId: null,
    fwdFromMsgId: null,
    fwdFromChatId: null,
    fwdFromSenderId: null,
    fwdFromName: null,
    fwdFromDate: null,
    groupedId: null,
    topicId: null,
    viaBotId: null,
    postAuthor: null,
    views: null,
    forwards: null,
    action: null,
    mediaType: null,
    raw: {},
    rawLayer: layer,
    mapped: true,
    unreadConstructor: null,
    askAgainAt: null,
    media: [],
  };
}

/** Fills in one object: copies of a row with so many fields were much of the garbage that a page leaves behind. */
function mapped(message: Api.Message | Api.MessageService, raw: Raw, selfId: bigint, now: Date): MessageRow {
  const row = blank(message);
  row.raw = raw;
  row.senderId = senderOf(message, selfId);
  if (message.replyTo) Object.assign(row, replyOf(message.replyTo));
  row.media = mediaOf(message);
  if (message instanceof Api.MessageService) {
    row.action = isCut(message.action) ? null : message.action.className;
    return row;
  }
  // Readers are not shown every change as an edit: reactions and buttons are none.
  row.editDate = message.editHide ? null : utc(message.editDate);
  row.message = textOf(message);
  row.entities = message.entities?.length ? raw.entities! : null;
  if (message.fwdFrom) Object.assign(row, forwardOf(message.fwdFrom));
  row.groupedId = long(message.groupedId);
  row.viaBotId = long(message.viaBotId);
  row.postAuthor = message.postAuthor ? cleanText(message.postAuthor) : null;
  row.views = message.views ?? null;
  row.forwards = message.forwards ?? null;
  row.mediaType = message.media && !isCut(message.media) ? message.media.className : null;
  row.askAgainAt = readyAt(message, now);
  return row;
}

/** When to ask again: when a web page preview should be ready, or a poll over; null: never. */
function readyAt({ media }: Api.Message, now: Date): Date | null {
  if (media instanceof Api.MessageMediaWebPage) return previewAt(media.webpage, now);
  if (!(media instanceof Api.MessageMediaPoll) || isCut(media.poll)) return null;
  return overAt(media.poll, now);
}

/** When a poll should be over; null if it is, or has no end. A minute later if it should be, for a while. */
function overAt({ closed, closeDate }: Api.Poll, now: Date): Date | null {
  if (closed || !closeDate) return null;
  const seconds = now.getTime() / 1000;
  const patience = 600;
  if (closeDate > seconds) return utc(closeDate + 2);
  return seconds - closeDate > patience ? null : utc(seconds + 60);
}

/** When to ask again for a web page preview that was not ready yet; null if it should have been ready long ago. */
export function previewAt(page: Api.TypeWebPage, now: Date): Date | null {
  if (!(page instanceof Api.WebPagePending)) return null;
  const patience = 24 * 3600;
  const seconds = now.getTime() / 1000;
  return seconds - page.date > patience ? null : utc(Math.max(page.date, seconds + 2));
}

function textOf(message: Api.Message): string | null {
  if (typeof message.message === 'string') return cleanText(message.message);
  return isCut(message) ? null : '';
}

/**
 * If Telegram omits the sender, it is the other side of a private chat (or us), otherwise the chat itself: a channel, an anonymous
 * admin.
 */
function senderOf(message: Api.Message | Api.MessageService, selfId: bigint): bigint {
  if (message.fromId) return markedId(message.fromId);
  return message.out && message.peerId instanceof Api.PeerUser ? selfId : markedId(message.peerId);
}

function replyOf(reply: Api.TypeMessageReplyHeader): Partial<MessageRow> {
  if (!(reply instanceof Api.MessageReplyHeader)) return {};
  return {
    replyToMsgId: reply.replyToMsgId ? BigInt(reply.replyToMsgId) : null,
    replyToChatId: reply.replyToPeerId ? markedId(reply.replyToPeerId) : null,
    replyToSenderId: reply.replyFrom?.fromId ? markedId(reply.replyFrom.fromId) : null,
    topicId: reply.forumTopic ? BigInt(reply.replyToTopId ?? reply.replyToMsgId ?? 0) : null,
  };
}

/** Forwarded from a channel: the chat and the message there. Forwarded from a person: the sender, or only a name. */
function forwardOf(forward: Api.TypeMessageFwdHeader): Partial<MessageRow> {
  const from = forward.fromId ? markedId(forward.fromId) : null;
  return {
    fwdFromMsgId: forward.channelPost ? BigInt(forward.channelPost) : null,
    fwdFromChatId: from !== null && from < 0n ? from : null,
    fwdFromSenderId: from !== null && from > 0n ? from : null,
    fwdFromName: forward.fromName ? cleanText(forward.fromName) : null,
    fwdFromDate: utc(forward.date),
  };
}

function utc(seconds: number | null | undefined): Date | null {
  return seconds ? new Date(seconds * 1000) : null;
}

function long(it: { toString(): string } | null | undefined): bigint | null {
  return it ? BigInt(it.toString()) : null;
}
