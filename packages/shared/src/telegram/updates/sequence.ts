/**
 * sequence.ts: the numbers of containers (`seq`), whose updates are in no box. What they bring is applied whenever it comes; only which numbers
 * are missing counts. Has no clock and no state but its own.
 */
import type { CommonState } from '../../db/live-state.js';
import type { Unpacked } from './containers.js';

type Numbers = Pick<Unpacked, 'seqStart' | 'seq' | 'date'>;

/** More than ever wait; a difference tells what they did. */
const mostAhead = 1000;

export class Sequence {
  /** Containers after a gap, ordered. */
  private ahead: Numbers[] = [];

  /** Whether containers are missing before some that have come. */
  get hasGap(): boolean {
    return this.ahead.length > 0;
  }

  /** A container came; returns the state after it. */
  take({ seqStart, seq, date }: Numbers, state: CommonState): CommonState {
    if (seqStart === 0 || seqStart <= state.seq) return state;
    if (this.ahead.length >= mostAhead) this.ahead = [];
    this.ahead = [...this.ahead, { seqStart, seq, date }].toSorted((a, b) => a.seqStart - b.seqStart);
    return this.after(state);
  }

  /** Returns the state after the containers that continue it. */
  after(state: CommonState): CommonState {
    let { seq, date } = state;
    for (let next = this.ahead[0]; next && next.seqStart <= seq + 1; next = this.ahead[0]) {
      this.ahead.shift();
      if (next.seqStart === seq + 1) [seq, date] = [next.seq, Math.max(date, next.date ?? 0)];
    }
    return { ...state, seq, date };
  }

  /** Forgets those after a gap. */
  drop(): void {
    this.ahead = [];
  }
}
