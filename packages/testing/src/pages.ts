/** pages.ts: pages of history for database tests, made without Telegram. */
import type { MediaRow, MessageRow, Page } from '@tgsync/shared/db';
import { hasOwnMessageIds } from '@tgsync/shared/peer-id';

/** The account that the private chats belong to. */
export const accountId = 7n;

export function message(id: bigint, more: Partial<MessageRow> = {}): MessageRow {
  return {
    id,
    senderId: 11n,
    date: new Date('2024-02-29T23:59:59Z'),
    editDate: null,
    message: `message ${id}`,
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
    raw: { _: 'message', id: Number(id) },
    rawLayer: 198,
    mapped: true,
    unreadConstructor: null,
    askAgainAt: null,
    media: [],
    ...more,
  };
}

export function photo(id: bigint, more: Partial<MediaRow> = {}): MediaRow {
  return {
    kind: 'photo',
    id,
    via: 'media',
    dcId: 2,
    accessHash: 21n,
    fileReference: Buffer.from('first'),
    size: 1000n,
    thumbSize: 'y',
    type: null,
    name: null,
    ...more,
  };
}

export function document(id: bigint, more: Partial<MediaRow> = {}): MediaRow {
  return { ...photo(id), kind: 'document', thumbSize: null, type: 'text/plain', name: 'a.txt', ...more };
}

export function page(chatId: bigint, messages: readonly MessageRow[], more: Partial<Page> = {}): Page {
  return { chatId, ownerId: hasOwnMessageIds(chatId) ? 0n : accountId, peers: [], messages, proven: null, ...more };
}
