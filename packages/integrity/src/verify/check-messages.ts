/** check-messages.ts: compares every wanted chat with its last survey, and finds messages that contradict their media. */
import {
  contradictingMessages,
  coverageOf,
  notVisibleOf,
  type Db,
  lostChats,
  type MessageKey,
  messagesWithLostMedia,
  unmappedMessages,
  wantedChatRows,
} from '@tgsync/shared/db';
import type { CheckCounts } from './check-files.js';
import type { Findings } from './finding.js';
import { judgeChat } from './judge-chat.js';
import type { Archive } from './archive.js';

const pageSize = 1000;

/** Yields what is wrong with or owed of wanted chats and their messages, and counts the chats in `checked`. */
export async function* checkMessages({ db, signal }: Archive, checked: CheckCounts): Findings {
  const chats = await wantedChatRows(db);
  const wanted = new Set(chats.map((it) => it.id));
  const covered = await coverageOf(db, [...wanted]);
  const notVisible = await notVisibleOf(db, [...wanted]);
  for (const chat of chats) {
    yield* judgeChat(chat, covered.get(chat.id) ?? [], notVisible.get(chat.id) ?? [], wanted);
  }
  for (const chatId of await lostChats(db)) yield { kind: 'chat-lost', chatId };
  for await (const { chatId, id, kind, mediaId } of paged(db, messagesWithLostMedia, signal))
    yield { kind: 'media-lost', chatId, messageId: id, media: { kind, id: mediaId } };
  for await (const { chatId, id, linked } of paged(db, contradictingMessages, signal)) {
    const detail = linked
      ? 'marked as linked, but one of its media is not'
      : 'marked as not linked, but all its media are';
    yield { kind: 'message-linked', chatId, messageId: id, detail };
  }
  for await (const { chatId, id, constructor } of paged(db, unmappedMessages, signal)) {
    const detail = constructor === null ? 'its parts contradict each other' : `constructor 0x${constructor}`;
    yield { kind: 'message-unmapped', chatId, messageId: id, detail };
  }
  checked.chats = chats.length;
}

async function* paged<T extends MessageKey>(
  db: Db,
  read: (db: Db, after: MessageKey | undefined, limit: number) => Promise<T[]>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let page: T[] = [];
  do {
    signal.throwIfAborted();
    page = await read(db, page.at(-1), pageSize);
    yield* page;
  } while (page.length === pageSize);
}
