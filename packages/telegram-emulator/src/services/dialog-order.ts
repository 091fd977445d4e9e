/**
 * dialog-order.ts: the order of the list of chats, and where a page of it begins.
 * By the date of the newest message, then its id, then the chat: a total order, so no chat falls between two pages.
 */
import type { Chat } from '../world/chat.js';

/** Where a chat stands in the list. */
export interface DialogPlace {
  readonly date: number;
  readonly topMessage: number;
  readonly id: bigint;
}

/** The place of a chat. One that cannot be read shows no message, and stands where its last one was. */
export function placeOf(chat: Chat): DialogPlace {
  const { store } = chat;
  return {
    date: store.size ? store.at(store.size - 1).date : chat.date,
    topMessage: chat.readable ? store.topId : 0,
    id: chat.id,
  };
}

/** Negative when `a` comes before `b`: newest first. */
export function comparePlaces(a: DialogPlace, b: DialogPlace): number {
  return b.date - a.date || b.topMessage - a.topMessage || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Where a page starts, as the client says: `id` is the chat of `offset_peer`. */
export interface DialogOffset {
  readonly offsetDate: number;
  readonly offsetId: number;
  readonly id: bigint | undefined;
}

/** Whether a chat comes after the offset. Without a date, the offset is the place of its chat. */
export function isAfter(place: DialogPlace, offset: DialogOffset, chatPlace: DialogPlace | undefined): boolean {
  if (!offset.offsetDate) return !chatPlace || comparePlaces(place, chatPlace) > 0;
  if (place.date !== offset.offsetDate) return place.date < offset.offsetDate;
  if (offset.offsetId && place.topMessage !== offset.offsetId) return place.topMessage < offset.offsetId;
  return offset.id !== undefined && place.id > offset.id;
}
