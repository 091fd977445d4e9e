/**
 * update-log.ts: what happened in one pts sequence (the account's, or one channel's), for the difference methods.
 * Bounded: who asks for something older than it holds is told to read the history again, as the server does.
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

  /** Moves on without remembering what happened: history that was there before anybody looked. */
  skip(count: number): void {
    this.#pts += count;
    this.#events = [];
  }

  /** The events after `pts`, oldest first; undefined when they are no longer all known. */
  since(pts: number): readonly UpdateEvent[] | undefined {
    const first = this.#events[0];
    const known = first ? first.pts - first.count : this.#pts;
    if (pts < known) return undefined;
    return this.#events.filter((it) => it.pts > pts);
  }
}
