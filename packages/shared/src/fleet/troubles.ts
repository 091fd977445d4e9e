/** troubles.ts: logs once what keeps this worker from its work, and records it in Postgres for as long as it lasts. */
import type { Logger } from '../app/index.js';
import { type Db, endTrouble, noteTrouble, troubleRenewalMs } from '../db/index.js';

/** One possible trouble of this worker, with its name in the table `trouble`. */
export class Troubles {
  private current: string | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly db: Db,
    private readonly place: string,
    private readonly log: Logger,
    /** Constant log messages: for when it begins (the reason is a field), and for when it is over. */
    private readonly messages: { begun: string; over: string },
  ) {
    this.timer = setInterval(() => this.current !== undefined && this.write(), troubleRenewalMs);
  }

  /** `undefined` means that it is over. */
  now(reason: string | undefined): void {
    if (reason === this.current) return;
    if (reason !== undefined) this.log.warn({ reason }, this.messages.begun);
    else this.log.info(this.messages.over);
    this.current = reason;
    this.write();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.current = undefined;
    this.write();
    await this.writing;
  }

  /** One after the other, so that the last state wins. */
  private write(): void {
    const reason = this.current;
    const one = () =>
      reason === undefined ? endTrouble(this.db, this.place) : noteTrouble(this.db, this.place, reason);
    this.writing = this.writing.then(one).catch(() => {}); // written again at the next renewal
  }
}
