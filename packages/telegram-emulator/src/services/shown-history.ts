/**
 * shown-history.ts: which messages of a chat appear in histories and searches: all, or all but a hidden beginning.
 * Reading messages by id bypasses this.
 */
import type { Chat } from '../world/chat.js';
import type { Message } from '../world/message.js';
import type { PagedList, Window } from './history-window.js';

/** The list that pages of a history are cut from. */
export function shownHistory({ store, shownFrom }: Chat): PagedList {
  const size = store.countFrom(shownFrom);
  return {
    size,
    countFrom: (id) => Math.min(size, store.countFrom(id)),
    countSince: (date) => Math.min(size, store.countSince(date)),
  };
}

/** The messages of a window, newest first. */
export const messagesIn = ({ store }: Chat, { start, end }: Window): Message[] =>
  Array.from({ length: end - start }, (_, index) => store.at(store.size - 1 - start - index));
