/**
 * box.ts: the updates of one box, put in order: those that continue it are passed on, those after a gap are held until the gap is filled or
 * a difference has been taken. Has no clock and no state but its own.
 */
import { check } from './check.js';

/** An update of a box: the pts after it, and for how many events it stands. */
export interface Step<T> {
  pts: number;
  count: number;
  update: T;
}

/** More than ever come while a difference is taken; then it has to be taken again. */
const mostHeld = 10_000;

export class Box<T> {
  /** Ordered by pts. */
  private held: Step<T>[] = [];
  private isBehind = false;
  private isForgotten = false;

  /** `local`: the pts up to which everything was applied; undefined: nothing was asked for yet. */
  constructor(private local: number | undefined) {}

  get pts(): number | undefined {
    return this.local;
  }

  /** Whether updates wait for a gap to be filled. */
  get hasGap(): boolean {
    return this.held.length > 0;
  }

  /** Whether a difference has to be taken whatever comes. */
  get needsDifference(): boolean {
    return this.isBehind;
  }

  /** Where a survey recorded meanwhile that it begins, if nothing was known yet. */
  beginAt(pts: number): void {
    if (this.local === undefined && !this.isForgotten) this.local = pts;
  }

  /** Takes an update in; returns those that are to be applied now, in order. */
  offer(step: Step<T>): Step<T>[] {
    switch (check(this.local, step.pts, step.count)) {
      case 'apply':
        this.local = step.pts;
        return [step, ...this.nextHeld()];
      case 'gap':
        this.hold(step);
        return [];
      case 'seen':
        return [];
      default: // impossible, partly applied, or nobody knows: only the server can tell what happened
        this.isBehind = true;
        return [];
    }
  }

  /** Only a difference helps: something was lost, or cannot be understood. */
  markBehind(): void {
    this.isBehind = true;
  }

  /**
   * After a difference up to `pts`: returns the held updates that continue it. After a piece that is not the last they go on waiting: it showed
   * messages as they are now, and so further than its own pts.
   */
  moveTo(pts: number, isLast = true): Step<T>[] {
    this.local = pts;
    this.isBehind = this.isForgotten = false;
    return isLast ? this.nextHeld() : [];
  }

  /** The server began to count anew: nothing is known. */
  forget(): void {
    this.local = undefined;
    this.held = [];
    this.isBehind = this.isForgotten = true;
  }

  /** Forgets what is held, when differences keep failing to continue it. */
  dropHeld(): void {
    this.held = [];
  }

  private hold(step: Step<T>): void {
    if (this.held.length >= mostHeld) {
      this.held = [];
      this.isBehind = true;
      return;
    }
    const at = this.held.findLastIndex((it) => it.pts <= step.pts) + 1;
    const twin = this.held[at - 1];
    if (twin?.pts === step.pts && twin.count === step.count && twin.count > 0) return; // it came twice
    this.held.splice(at, 0, step);
  }

  private nextHeld(): Step<T>[] {
    const next: Step<T>[] = [];
    const left: Step<T>[] = [];
    for (const step of this.held) {
      const verdict = check(this.local, step.pts, step.count);
      if (verdict === 'apply') {
        this.local = step.pts;
        next.push(step);
      } else if (verdict === 'gap') left.push(step);
      else if (verdict !== 'seen') this.isBehind = true;
    }
    this.held = left;
    return next;
  }
}
