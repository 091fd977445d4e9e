/**
 * loose.ts: what happens outside of every pts sequence: reactions, polls, counters, membership. Each has the next `seq` of the
 * account, and a difference repeats what a client may have missed, for which it knows only the client's date.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';

const KEPT = 1000;

/** Something that is in no pts sequence. */
export interface LooseEvent {
  readonly kind: 'loose';
  readonly chat: Chat;
  /** The messages concerned, if any. */
  readonly ids: readonly number[];
  /** The `Update`. */
  readonly update: TlObject;
  /** Undefined for what is in no sequence at all. */
  readonly seq: number | undefined;
  /** Unix seconds. */
  readonly at: number;
}

/** The account's `seq`, and what happened lately. */
export class Loose {
  #seq = 1;
  #events: LooseEvent[] = [];

  get seq(): number {
    return this.#seq;
  }

  record(chat: Chat, update: TlObject, ids: readonly number[], at: number): LooseEvent {
    const event: LooseEvent = { kind: 'loose', chat, ids, update, seq: ++this.#seq, at };
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-KEPT);
    return event;
  }

  /** What happened in this second or later, oldest first. */
  since(date: number): readonly LooseEvent[] {
    return this.#events.filter((it) => it.at >= date);
  }
}
