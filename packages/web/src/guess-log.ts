/** guess-log.ts: logs wrong passwords: one line when they begin and their number once they stop, never one line each. */
import type { Logger } from '@tgsync/shared/app';

const quietMs = 60_000;

export class GuessLog {
  private count = 0;
  private readonly addresses = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: Logger,
    private readonly quiet = quietMs,
  ) {}

  wrong(address: string): void {
    this.count++;
    if (this.addresses.size < 1000) this.addresses.add(address);
    if (this.count === 1) this.log.warn({ address }, 'dashboard: wrong user or password');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), this.quiet).unref();
  }

  end(): void {
    clearTimeout(this.timer);
    if (this.count > 1)
      this.log.warn({ count: this.count, addresses: this.addresses.size }, 'dashboard: no more wrong passwords');
    this.count = 0;
    this.addresses.clear();
  }
}
