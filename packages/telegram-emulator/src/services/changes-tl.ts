/**
 * changes-tl.ts: events as the lists of a difference. A difference shows messages as they are now: one edited since is already
 * edited, and one deleted since appears only in its deletion.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import type { UpdateEvent } from '../world/update-log.js';
import { messagesOf, updatesOf } from './event-tl.js';

/** `new_messages` and `other_updates`, in the order of the events. Of several edits of a message only the last is shown. */
export function changesTl(events: readonly UpdateEvent[]): { messages: TlObject[]; others: TlObject[] } {
  const messages = events.flatMap(({ kind, chat, ids }) => (kind === 'new' ? messagesOf(chat, ids) : []));
  const edited = new Edited();
  const others = events.toReversed().flatMap((event) => {
    if (event.kind === 'new') return [];
    if (event.kind !== 'edit') return [updatesOf(event)];
    return [updatesOf({ ...event, ids: event.ids.filter((id) => edited.isFirst(event.chat, id)) })];
  });
  return { messages, others: others.toReversed().flat() };
}

/** The same updates without the pts of their step: in the account's difference only its state counts. */
export const withoutPts = (updates: readonly TlObject[]): TlObject[] =>
  updates.map((it) => (it['pts_count'] === undefined ? it : { ...it, pts: 0, pts_count: 0 }));

/** The edits that an answer shows already. */
class Edited {
  readonly #ids = new Map<Chat, Set<number>>();

  isFirst(chat: Chat, id: number): boolean {
    const ids = this.#ids.get(chat) ?? new Set();
    this.#ids.set(chat, ids);
    return ids.size < ids.add(id).size;
  }
}
