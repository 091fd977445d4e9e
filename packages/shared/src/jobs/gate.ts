/**
 * gate.ts: whether a worker takes jobs. Where something all of them need is away (a disk, the login, every data centre that they ask), to
 * take one is only to put it back: the gate is closed meanwhile, and others may do the work.
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

  /** A job was done, or failed by itself. */
  passed(): void {
    this.waitedInRow = 0;
  }

  /** A job waits for what is away. When as many in a row as run at once do, the gate is closed until that may be back. */
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
