/**
 * dialog-order.ts: the order of the list of chats, and where a page of it starts.
 * By the date of the newest message, then its id, then the chat: a total order, so no chat falls between two pages.
 */
import type { Chat } from '../world/chat.js';

/** A chat's position in the list. */
export interface DialogPosition {
  readonly date: number;
  readonly topMessage: number;
  readonly id: bigint;
}

/** The position of a chat. One that cannot be read shows no message, but keeps the position of its last one. */
export function positionOf(chat: Chat): DialogPosition {
  const { store } = chat;
  return {
    date: store.size ? store.at(store.size - 1).date : chat.date,
    topMessage: chat.readable ? store.topId : 0,
    id: chat.id,
  };
}

/** Negative if `a` comes before `b`: newest first. */
export function comparePositions(a: DialogPosition, b: DialogPosition): number {
  return b.date - a.date || b.topMessage - a.topMessage || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The start of a page as given by the client: `id` is the chat of `offset_peer`. */
export interface DialogOffset {
  readonly offsetDate: number;
  readonly offsetId: number;
  readonly id: bigint | undefined;
}

/** Whether a chat comes after the offset. Without a date, the offset is the position of its chat. */
export function isAfter(
  position: DialogPosition,
  offset: DialogOffset,
  chatPosition: DialogPosition | undefined,
): boolean {
  if (!offset.offsetDate) return !chatPosition || comparePositions(position, chatPosition) > 0;
  if (position.date !== offset.offsetDate) return position.date < offset.offsetDate;
  if (offset.offsetId && position.topMessage !== offset.offsetId) return position.topMessage < offset.offsetId;
  return offset.id !== undefined && position.id > offset.id;
}
