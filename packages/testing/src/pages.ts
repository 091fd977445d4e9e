/** pages.ts: pages of history for database tests, made without Telegram. */
import type { WantedChat } from '@tgsync/shared/config';
import type { ChatRow, MediaRow, MessageRow, Page } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';

/** The account that reads everything. */
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
    category: 'photo',
    ...more,
  };
}

export function document(id: bigint, more: Partial<MediaRow> = {}): MediaRow {
  return {
    ...photo(id),
    kind: 'document',
    thumbSize: null,
    type: 'text/plain',
    name: 'a.txt',
    category: 'document',
    ...more,
  };
}

export function page(chatId: bigint, messages: readonly MessageRow[], more: Partial<Page> = {}): Page {
  return { chatId, accountId, peers: [], messages, proven: null, ...more };
}

/** Adds a chat, by default a channel, with its dialog. */
export async function addChat(db: BareDb, chat: Pick<ChatRow, 'id'> & Partial<ChatRow>): Promise<void> {
  const { id, kind = 'channel', title = 'x', username = null, pts = null, migratedTo = null, ...dialog } = chat;
  await db.chat.create({
    data: { id, kind, title, username, pts, migratedTo, dialogs: { create: { accountId, ...dialog } } },
  });
}

/** Adds a document, by default of three bytes, and how the account reaches it. */
export async function addDocument(
  db: BareDb,
  it: { id: bigint } & Partial<Parameters<BareDb['document']['create']>[0]['data']>,
): Promise<void> {
  await db.document.create({ data: { dcId: 2, size: 3n, type: 'text/plain', name: 'a.txt', ...it } as never });
  const access = { accountId, accessHash: 1n, fileReference: Buffer.from('r') };
  await db.mediaAccess.create({ data: { kind: 'document', mediaId: it.id, ...access } });
}

/** A chat as config.json wants it, by default all of it. */
export function wanted(id: bigint, more: Partial<WantedChat> = {}): WantedChat {
  return {
    id,
    from: 0n,
    to: 0n,
    since: null,
    until: null,
    rules: [],
    recheck: [],
    deletions: 'keep',
    mirrorFiles: false,
    ...more,
  };
}
