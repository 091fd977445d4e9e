/**
 * update-log.ts: what happened in one pts sequence (the account's, or one channel's), for the difference methods.
 * Bounded: a client that asks for something older is told to read the history again, as the server does.
 */
import type { Chat } from './chat.js';

/** What a step of a sequence can be. */
export type StepKind = 'new' | 'edit' | 'delete' | 'preview' | 'pin' | 'unpin';

/** One step of a sequence. */
export interface UpdateEvent {
  /** The pts after it. */
  readonly pts: number;
  readonly count: number;
  readonly kind: StepKind;
  readonly chat: Chat;
  readonly ids: readonly number[];
}

/** A pts sequence. */
export class UpdateLog {
  #pts = 1;
  #events: UpdateEvent[] = [];
  #lastAt = 0;

  /** @param size how many events are remembered. */
  constructor(private readonly size: () => number) {}

  get pts(): number {
    return this.#pts;
  }

  /** When the latest event happened, in Unix seconds; 0 if none is remembered. */
  get lastAt(): number {
    return this.#lastAt;
  }

  record(kind: StepKind, chat: Chat, ids: readonly number[]): UpdateEvent {
    this.#pts += ids.length;
    this.#lastAt = chat.world.now();
    const event = { pts: this.#pts, count: ids.length, kind, chat, ids };
    this.#events.push(event);
    if (this.#events.length > 2 * this.size()) this.#events = this.#remembered;
    return event;
  }

  /** Advances without recording what happened, for history from before anybody looked. */
  skip(count: number): void {
    this.#pts += count;
    this.#lastAt = 0;
    this.#events = [];
  }

  /** Starts over from another pts, as after a loss on the server; clients that know a higher one must notice. */
  reset(pts: number): void {
    this.#pts = pts;
    this.#events = [];
  }

  /** The events after `pts`, oldest first; undefined if some are no longer remembered. */
  since(pts: number): readonly UpdateEvent[] | undefined {
    const events = this.#remembered;
    const first = events[0];
    const known = first ? first.pts - first.count : this.#pts;
    if (pts < known) return undefined;
    return events.filter((it) => it.pts > pts);
  }

  get #remembered(): UpdateEvent[] {
    return this.#events.slice(Math.max(0, this.#events.length - this.size()));
  }
}
