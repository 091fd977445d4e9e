/**
 * window.ts: how many calls may be in flight to a data centre. It grows by one for each round of answers while they come quickly (additive
 * increase), and shrinks by a factor when they come slowly, not at all, or with a flood wait (multiplicative decrease): so a long line is
 * filled, and a busy one is not queued on. Pure.
 */

const first = 8;
const least = 2;
/** What is left of the window after a flood wait or a lost connection. */
const afterRefusal = 0.5;
/** What is left of it when answers come slowly. */
const afterDelay = 0.8;
/** Answers are slow if they take so many times as long as the quickest ones, and so many milliseconds more. */
const slow = { times: 3, ms: 50 };
/** The share of the newest answer in the average. */
const newest = 1 / 8;
/** Milliseconds after which the quickest answer is measured again, with one call in flight: the line may have changed. */
const measureMs = 30_000;

export class Window {
  private size = first;
  private average: number | undefined;
  private quickest = Infinity;
  private measuredAt = -Infinity;
  /** Answers until the measurement is over; until then one call is in flight. */
  private measuring = 0;
  private shrunkAt = -Infinity;

  /** `most`: what the connections can carry. */
  constructor(private readonly most: () => number) {}

  /** How many calls may be in flight. */
  get limit(): number {
    return this.measuring > 0 ? 1 : Math.floor(Math.max(least, Math.min(this.size, this.most())));
  }

  /** A call was answered at `now` after `ms` milliseconds; `isFull`: as many calls as may be were in flight. */
  answered(now: number, ms: number, isFull: boolean): void {
    this.measure(now, ms);
    if (this.measuring > 0) return;
    this.average = this.average === undefined ? ms : this.average + (ms - this.average) * newest;
    if (this.average > this.quickest * slow.times + slow.ms) this.shrink(now, afterDelay);
    else if (isFull && this.size < this.most()) this.size += 1 / this.size;
  }

  /** Answers to calls that waited for others would make the line look longer and longer, so these are let through first. */
  private measure(now: number, ms: number): void {
    if (this.measuring > 0) this.measuring--;
    else if (now - this.measuredAt > measureMs) {
      const isFirst = this.quickest === Infinity;
      this.measuredAt = now;
      this.quickest = ms;
      if (!isFirst) this.measuring = this.limit + least;
    }
    this.quickest = Math.min(this.quickest, ms);
  }

  /** The server asked to wait, or the line broke. */
  refused(now: number): void {
    this.shrink(now, afterRefusal);
  }

  /** Once for all calls that were in flight together. */
  private shrink(now: number, factor: number): void {
    if (now - this.shrunkAt < (this.average ?? 0)) return;
    this.shrunkAt = now;
    this.size = Math.max(least, Math.min(this.size, this.most()) * factor);
  }
}
