/** queue-outage.ts: logs one line when the queue stops responding, and one when it responds again. */
import type { Logger } from '../app/index.js';

const pollMs = 1000;

export class QueueOutage {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly log: Logger) {}

  /** Call it for every error; `ping` throws as long as there is no answer. */
  begin(error: Error, ping: () => Promise<void>): void {
    if (this.timer || this.closed) return;
    this.log.warn({ reason: error.message }, 'the queue is not responding; work waits for it');
    const poll = async () => {
      const isBack = await ping().then(
        () => true,
        () => false,
      );
      if (this.closed) return;
      if (!isBack) {
        this.timer = setTimeout(() => void poll(), pollMs);
        return;
      }
      this.timer = undefined;
      this.log.info('the queue is responding again');
    };
    this.timer = setTimeout(() => void poll(), pollMs);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }
}
