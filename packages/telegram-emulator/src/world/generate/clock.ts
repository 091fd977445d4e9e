/**
 * clock.ts: the time in a generated world. It only moves forward, so dates increase with ids in every chat.
 */

/** Hands out the dates of messages. */
export class StoryClock {
  #now: number;

  constructor(
    start: number,
    /** Seconds between two messages. */
    readonly step: number,
  ) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  /** Lets time pass without messages. */
  skip(seconds: number): void {
    this.#now += seconds;
  }

  /** The date of the next message. */
  tick(): number {
    this.#now += this.step;
    return this.#now;
  }
}
