/**
 * waiting-reactions.ts: reactions as they come, one after the other, to a message that many react to: only the newest state of each second is
 * applied. They are in no order with edits, so they are remembered while an edit may be held that came before them: once that is applied, they are
 * applied again. Has no clock and no state but its own.
 */
import type { ReactionsOf } from '../../db/reactions.js';
import type { Raw } from '../../content/index.js';
import { markedId } from '../../peer-id/index.js';
import { toRaw } from '../map/raw.js';
import type { Api } from '../wire/gramjs.js';

const waitMs = 1000;

interface Waiting extends ReactionsOf {
  chatId: bigint;
  /** When it came, among all updates. */
  order: number;
}

export class WaitingReactions {
  private readonly waiting = new Map<string, Waiting>();
  /** Those that were applied, but an update that came before them may not be. */
  private readonly applied = new Map<string, Waiting>();
  /** When the waiting ones are to be applied, by the clock that `note` is given. */
  dueAt = Infinity;

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** `now`: a monotonic clock in milliseconds. */
  note({ peer, msgId, reactions }: Api.UpdateMessageReactions, now: number, order: number): void {
    const chatId = markedId(peer);
    const id = BigInt(msgId);
    if (this.isEmpty) this.dueAt = now + waitMs;
    this.waiting.set(keyOf(chatId, id), { chatId, id, order, reactions: toRaw(reactions) as Raw });
  }

  /** The message itself came, with its reactions as they are by now. */
  forget(chatId: bigint, id: bigint): void {
    this.waiting.delete(keyOf(chatId, id));
    this.applied.delete(keyOf(chatId, id));
    if (this.isEmpty) this.dueAt = Infinity;
  }

  /** An update with the message is applied. Returns reactions that came after it, and were applied before; those that wait go on waiting. */
  overtook(chatId: bigint, id: bigint, order: number): ReactionsOf | undefined {
    const key = keyOf(chatId, id);
    const known = this.waiting.get(key) ?? this.applied.get(key);
    if (known && known.order > order) return this.applied.get(key);
    this.forget(chatId, id);
    return undefined;
  }

  /** All that wait; afterwards none does. `mayBeUndone`: whether updates of a chat are held. */
  take(mayBeUndone: (chatId: bigint) => boolean): Waiting[] {
    const all = [...this.waiting.values()];
    for (const it of all) if (mayBeUndone(it.chatId)) this.applied.set(keyOf(it.chatId, it.id), it);
    this.waiting.clear();
    this.dueAt = Infinity;
    return all;
  }

  /** What can be undone no more need not be remembered. */
  settle(mayBeUndone: (chatId: bigint) => boolean): void {
    for (const [key, { chatId }] of this.applied) if (!mayBeUndone(chatId)) this.applied.delete(key);
  }
}

const keyOf = (chatId: bigint, id: bigint) => `${chatId} ${id}`;
