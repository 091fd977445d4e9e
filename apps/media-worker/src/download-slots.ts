/**
 * download-slots.ts: how many files a worker has in hand. `tg.concurrent_downloads` bounds those of several parts. A file of one part only
 * waits, for one answer of Telegram and for flushes: up to three times as many of them share statements and flushes beside the others.
 */
import { RetryAfterError } from '@tgsync/shared/errors';

/** Small files beside each slot. */
const smallPerSlot = 3;
/** A large file that got no slot for this long goes back, as another worker may have one. */
const patienceMs = 2000;

export class DownloadSlots {
  /** Jobs that the worker takes beyond its slots: each small file makes room for one more, each large one takes that room back. */
  private extra = 0;
  private used = 0;
  private waiting: (() => void)[] = [];

  /** `slots`: how many large files at once; `onChange` gets the number of jobs to take. */
  constructor(
    private readonly slots: () => number,
    private readonly onChange: (jobs: number) => void,
  ) {}

  /** How many jobs the worker should take at once. */
  get jobs(): number {
    return this.slots() + Math.min(this.extra, this.slots() * smallPerSlot);
  }

  /** Runs the download of a small file. */
  async small<T>(work: () => Promise<T>): Promise<T> {
    this.add(1);
    return await work();
  }

  /** Runs the download of a large file once there is a slot; throws a {@link RetryAfterError} if there is none for long. */
  async large<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.add(-1);
    if (this.used < this.slots()) this.used++;
    else await this.turn(signal); // gets the slot of one that ends
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.used--;
    }
  }

  private add(room: number): void {
    this.extra = Math.min(Math.max(0, this.extra + room), this.slots() * smallPerSlot);
    this.onChange(this.jobs);
  }

  private async turn(signal: AbortSignal): Promise<void> {
    const tooLong = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    await new Promise<void>((resolve, reject) => {
      const end = () => {
        this.waiting = this.waiting.filter((it) => it !== go);
        reject(signal.aborted ? (signal.reason as Error) : new RetryAfterError(0, 'other large files come first'));
      };
      const go = () => {
        tooLong.removeEventListener('abort', end);
        resolve();
      };
      this.waiting.push(go);
      tooLong.addEventListener('abort', end, { once: true });
    });
  }
}
