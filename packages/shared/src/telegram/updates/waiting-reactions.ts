/**
 * waiting-reactions.ts: reactions as they come, one after the other, to a message that many react to: only the newest state of each second is
 * applied. Has no clock and no state but its own.
 */
import type { ReactionsOf } from '../../db/reactions.js';
import type { Raw } from '../../content/index.js';
import { markedId } from '../../peer-id/index.js';
import { toRaw } from '../map/raw.js';
import type { Api } from '../wire/gramjs.js';

const waitMs = 1000;

interface Waiting extends ReactionsOf {
  chatId: bigint;
}

export class WaitingReactions {
  private readonly waiting = new Map<string, Waiting>();
  /** When the waiting ones are to be applied, by the clock that `note` is given. */
  dueAt = Infinity;

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** `now`: a monotonic clock in milliseconds. */
  note({ peer, msgId, reactions }: Api.UpdateMessageReactions, now: number): void {
    const chatId = markedId(peer);
    const id = BigInt(msgId);
    if (this.isEmpty) this.dueAt = now + waitMs;
    this.waiting.set(keyOf(chatId, id), { chatId, id, reactions: toRaw(reactions) as Raw });
  }

  /** The message itself came, with its reactions as they are by now. */
  forget(chatId: bigint, id: bigint): void {
    this.waiting.delete(keyOf(chatId, id));
    if (this.isEmpty) this.dueAt = Infinity;
  }

  /** All that wait; afterwards none does. */
  take(): Waiting[] {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    this.dueAt = Infinity;
    return all;
  }
}

const keyOf = (chatId: bigint, id: bigint) => `${chatId} ${id}`;
