/**
 * gathering.ts: the answers of one session that are ready and held back, so that several leave in one container.
 * They leave when there are enough of them, when their time is over, or with the next answer that nobody holds back.
 */
import type { Delivery } from '../delivery.js';
import type { TlWriter } from '../tl/writer.js';
import type { Received } from './session.js';

/** An answer that is ready. */
export interface ReadyAnswer {
  readonly received: Received;
  readonly body: TlWriter;
  readonly isError: boolean;
  readonly delivery: Delivery;
}

export class Gathering {
  #ready: ReadyAnswer[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Adds an answer; true when all of them must leave now. `late` is called when their time is over. */
  add(answer: ReadyAnswer, late: () => void): boolean {
    this.#ready.push(answer);
    const { gather } = answer.delivery;
    if (!gather || this.#ready.length >= (gather.answers ?? Infinity)) return true;
    if (gather.ms !== undefined) this.#timer ??= setTimeout(late, gather.ms).unref();
    return false;
  }

  /** Hands them over in the order in which they leave. */
  take(): ReadyAnswer[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const ready = this.#ready;
    this.#ready = [];
    if (!ready.some((it) => it.delivery.gather?.errorsFirst)) return ready;
    return [...ready.filter((it) => it.isError), ...ready.filter((it) => !it.isError)];
  }
}
