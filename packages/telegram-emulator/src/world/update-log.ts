/**
 * update-log.ts: what happened in one pts sequence (the account's, or one channel's), for the difference methods.
 * Bounded: a client that asks for something older is told to read the history again, as the server does.
 */
import type { Chat } from './chat.js';

const KEPT = 5000;

/** One step of a sequence. */
export interface UpdateEvent {
  /** The pts after it. */
  readonly pts: number;
  readonly count: number;
  readonly kind: 'new' | 'edit' | 'delete' | 'preview';
  readonly chat: Chat;
  readonly ids: readonly number[];
}

/** A pts sequence. */
export class UpdateLog {
  #pts = 1;
  #events: UpdateEvent[] = [];

  get pts(): number {
    return this.#pts;
  }

  record(kind: UpdateEvent['kind'], chat: Chat, ids: readonly number[]): UpdateEvent {
    this.#pts += ids.length;
    const event = { pts: this.#pts, count: ids.length, kind, chat, ids };
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-KEPT);
    return event;
  }

  /** Advances without recording what happened, for history from before anybody looked. */
  skip(count: number): void {
    this.#pts += count;
    this.#events = [];
  }

  /** The events after `pts`, oldest first; undefined if some are no longer remembered. */
  since(pts: number): readonly UpdateEvent[] | undefined {
    const first = this.#events[0];
    const known = first ? first.pts - first.count : this.#pts;
    if (pts < known) return undefined;
    return this.#events.filter((it) => it.pts > pts);
  }
}
