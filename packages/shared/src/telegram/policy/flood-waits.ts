/** flood-waits.ts: a flood wait is a date, shared by all workers. It is kept per method; for files also per data centre. */
import { floodWaitMs, recordFloodWait } from '../../db/flood-waits.js';
import type { Db } from '../../db/handle.js';
import { RetryAfterError } from '../../errors/index.js';
import { FloodWaitError } from '../wire/errors.js';
import type { Policy } from './policies.js';

/** Used instead of a data centre for calls of the account. */
export const wholeAccount = 0;

/** How long it is taken for granted that there is no wait that another worker recorded. */
const freshMs = 1000;

export class FloodWaits {
  /** When there was found to be no wait, by method and data centre. */
  private readonly none = new Map<string, number>();

  constructor(private readonly db: Db) {}

  of(method: string, dcId: number): Policy {
    return { before: () => this.before(method, dcId), meaning: (error) => this.meaning(dcId, error) };
  }

  /** Throws a {@link RetryAfterError} while a wait for this method lasts there. */
  private async before(method: string, dcId: number): Promise<void> {
    const key = `${method} ${dcId}`;
    if (performance.now() - (this.none.get(key) ?? -Infinity) < freshMs) return;
    const asked = performance.now();
    const waitMs = await floodWaitMs(this.db, method, dcId);
    if (waitMs <= 0) return void this.none.set(key, asked);
    const where = dcId === wholeAccount ? '' : `data centre ${dcId}: `;
    throw new RetryAfterError(waitMs, `${where}${method} is waiting for a flood wait to end`);
  }

  /** Turns a flood wait into a RetryAfterError and records it; returns any other error unchanged. */
  async meaning(dcId: number, error: unknown): Promise<unknown> {
    if (!(error instanceof FloodWaitError)) return error;
    await recordFloodWait(this.db, error.method, dcId, error.seconds);
    this.none.clear();
    return new RetryAfterError(error.seconds * 1000, error.message);
  }
}
