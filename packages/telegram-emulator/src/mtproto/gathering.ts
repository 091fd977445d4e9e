/**
 * gathering.ts: answers of one session that are ready but held back, so that several leave in one container.
 * They leave when there are enough of them, when their time is up, or with the next answer that is not held back.
 */
import type { Delivery } from '../delivery.js';
import type { TlWriter } from '../tl/writer.js';
import type { Received } from './session.js';

/** An answer ready to be sent. */
export interface ReadyAnswer {
  readonly received: Received;
  readonly body: TlWriter;
  readonly isError: boolean;
  readonly delivery: Delivery;
}

export class Gathering {
  #ready: ReadyAnswer[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Adds an answer; true if all must leave now. `late` is called when their time is up. */
  add(answer: ReadyAnswer, late: () => void): boolean {
    this.#ready.push(answer);
    const { gather } = answer.delivery;
    if (!gather || this.#ready.length >= (gather.answers ?? Infinity)) return true;
    if (gather.ms !== undefined) this.#timer ??= setTimeout(late, gather.ms).unref();
    return false;
  }

  /** Takes all answers, in the order in which they leave. */
  take(): ReadyAnswer[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ready = this.#ready;
    this.#ready = [];
    if (!ready.some((it) => it.delivery.gather?.errorsFirst)) return ready;
    return [...ready.filter((it) => it.isError), ...ready.filter((it) => !it.isError)];
  }
}
