/**
 * changes-tl.ts: events as the lists of a difference. A difference shows messages as they are now: one edited since is already
 * edited, and one deleted since appears only in its deletion.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import type { UpdateEvent } from '../world/update-log.js';
import { messagesOf, updatesOf } from './event-tl.js';

/** `new_messages` and `other_updates`, in the order of the events. */
export function changesTl(events: readonly UpdateEvent[]): { messages: TlObject[]; others: TlObject[] } {
  const shown = new Shown();
  const messages = events.flatMap(({ kind, chat, ids }) =>
    kind === 'new'
      ? messagesOf(
          chat,
          ids.filter((id) => shown.isFirst(chat, id)),
        )
      : [],
  );
  // From the newest, so that of several edits only the last is shown.
  const others = [...events].reverse().flatMap((event) => {
    if (event.kind === 'new') return [];
    if (event.kind !== 'edit') return updatesOf(event);
    const ids = event.ids.filter((id) => shown.isFirst(event.chat, id));
    return updatesOf({ ...event, ids });
  });
  return { messages, others: others.reverse() };
}

/** The same updates without the pts of their step: in the account's difference only its state counts. */
export const withoutPts = (updates: readonly TlObject[]): TlObject[] =>
  updates.map((it) => (it['pts_count'] === undefined ? it : { ...it, pts: 0, pts_count: 0 }));

/** Which messages an answer shows already. */
class Shown {
  readonly #ids = new Map<Chat, Set<number>>();

  isFirst(chat: Chat, id: number): boolean {
    const ids = this.#ids.get(chat) ?? new Set();
    this.#ids.set(chat, ids);
    return ids.size < ids.add(id).size;
  }
}
