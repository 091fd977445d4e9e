/** troubles.ts: says in the log once, and in Postgres for as long as it lasts, what keeps this worker from its work. */
import type { Logger } from '../app/index.js';
import { type Db, endTrouble, noteTrouble, troubleRenewalMs } from '../db/index.js';

export class Troubles {
  private current: string | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly db: Db,
    private readonly place: string,
    private readonly log: Logger,
    /** Said when all is well again. */
    private readonly over: string,
  ) {
    this.timer = setInterval(() => this.current !== undefined && this.write(), troubleRenewalMs);
  }

  /** undefined: all is well again. */
  now(reason: string | undefined): void {
    if (reason === this.current) return;
    if (reason !== undefined) this.log.warn(reason);
    else this.log.info(this.over);
    this.current = reason;
    this.write();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.current = undefined;
    this.write();
    await this.writing;
  }

  /** One after the other, so that the last word counts. */
  private write(): void {
    const reason = this.current;
    const one = () =>
      reason === undefined ? endTrouble(this.db, this.place) : noteTrouble(this.db, this.place, reason);
    this.writing = this.writing.then(one).catch(() => {}); // said again at the next renewal
  }
}
