/**
 * map-message.ts: a message of Telegram → its row. Pure. What cannot be read is kept raw, with a mark, and stops nothing.
 */
import { Api } from 'telegram';
import { LAYER } from 'telegram/tl/AllTLObjects.js';
import type { MessageRow } from '../db/messages.js';
import { cleanText } from './clean-text.js';
import { mediaOf } from './map-media.js';
import { markedId } from '../peer-id/index.js';
import { toRaw } from './raw.js';

/** The row of a message; undefined for one that Telegram says is empty. */
export function messageRow(message: Api.TypeMessage, selfId: bigint): MessageRow | undefined {
  if (message instanceof Api.MessageEmpty) return undefined;
  const raw = toRaw(message) as object;
  try {
    return { ...mapped(message, selfId), raw };
  } catch {
    return { ...blank(message), raw, mapped: false };
  }
}

function blank({ id, date }: Api.Message | Api.MessageService) {
  return {
    id: BigInt(id),
    senderId: null,
    date: utc(date) ?? new Date(0),
    editDate: null,
    message: '',
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
    rawLayer: LAYER,
    mapped: true,
    media: [],
  } satisfies MessageRow;
}

function mapped(message: Api.Message | Api.MessageService, selfId: bigint): MessageRow {
  const common = {
    ...blank(message),
    senderId: senderOf(message, selfId),
    ...replyOf(message.replyTo),
    media: mediaOf(message),
  };
  if (message instanceof Api.MessageService) return { ...common, action: message.action.className };
  return {
    ...common,
    editDate: utc(message.editDate),
    message: cleanText(message.message ?? ''),
    entities: message.entities?.length ? (toRaw(message.entities) as object) : null,
    ...forwardOf(message.fwdFrom),
    groupedId: long(message.groupedId),
    viaBotId: long(message.viaBotId),
    postAuthor: message.postAuthor ? cleanText(message.postAuthor) : null,
    views: message.views ?? null,
    forwards: message.forwards ?? null,
    mediaType: message.media ? message.media.className : null,
  };
}

/** Where Telegram leaves the sender out it is the other side of a private chat (or we), else the chat itself: a channel, an anonymous admin. */
function senderOf(message: Api.Message | Api.MessageService, selfId: bigint): bigint {
  if (message.fromId) return markedId(message.fromId);
  return message.out && message.peerId instanceof Api.PeerUser ? selfId : markedId(message.peerId);
}

function replyOf(reply: Api.TypeMessageReplyHeader | null | undefined) {
  if (!(reply instanceof Api.MessageReplyHeader)) return {};
  return {
    replyToMsgId: reply.replyToMsgId ? BigInt(reply.replyToMsgId) : null,
    replyToChatId: reply.replyToPeerId ? markedId(reply.replyToPeerId) : null,
    replyToSenderId: reply.replyFrom?.fromId ? markedId(reply.replyFrom.fromId) : null,
    topicId: reply.forumTopic ? BigInt(reply.replyToTopId ?? reply.replyToMsgId ?? 0) : null,
  };
}

/** Forwarded from a channel: the chat and the message there; from a person: the sender, or only a name. */
function forwardOf(forward: Api.TypeMessageFwdHeader | null | undefined) {
  if (!forward) return {};
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
