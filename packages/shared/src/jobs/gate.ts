/**
 * gate.ts: whether a worker takes jobs. If something that all of them need is unavailable (a disk, the login, every data centre
 * involved), taking one only means putting it back: the gate stays closed, and other workers may do the work.
 */

/** The part of BullMQ's worker that is needed. */
interface Pausable {
  concurrency: number;
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): void;
}

export class Gate {
  private readonly closedBy = new Set<string>();
  private waitedInRow = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly worker: Pausable) {}

  set(reason: string, isClosed: boolean): void {
    const was = this.closedBy.size > 0;
    if (isClosed) this.closedBy.add(reason);
    else this.closedBy.delete(reason);
    const is = this.closedBy.size > 0;
    if (is && !was) void this.worker.pause(true);
    if (was && !is) this.worker.resume();
  }

  /** A job finished, or failed on its own account. */
  passed(): void {
    this.waitedInRow = 0;
  }

  /** A job waits for something unavailable. When as many in a row do as run in parallel, the gate closes until that may be back. */
  waits(delayMs: number): void {
    if (++this.waitedInRow < this.worker.concurrency || this.timer) return;
    this.set('away', true);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.waitedInRow = 0;
      this.set('away', false);
    }, delayMs);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
