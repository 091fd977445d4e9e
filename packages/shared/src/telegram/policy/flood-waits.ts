/** flood-waits.ts: a flood wait is a date, shared by all workers. It is kept per method; for files also per data centre. */
import { floodWaitMs, recordFloodWait } from '../../db/flood-waits.js';
import type { Db } from '../../db/handle.js';
import { RetryAfterError } from '../../errors/index.js';
import { FloodWaitError } from '../wire/errors.js';
import type { Policy } from './policies.js';

/** Used instead of a data centre for calls of the account. */
export const wholeAccount = 0;

export class FloodWaits {
  constructor(private readonly db: Db) {}

  of(method: string, dcId: number): Policy {
    return { before: () => this.before(method, dcId), meaning: (error) => this.meaning(dcId, error) };
  }

  /** Throws a {@link RetryAfterError} while a wait for this method lasts there. */
  private async before(method: string, dcId: number): Promise<void> {
    const waitMs = await floodWaitMs(this.db, method, dcId);
    if (waitMs <= 0) return;
    const where = dcId === wholeAccount ? '' : `data centre ${dcId}: `;
    throw new RetryAfterError(waitMs, `${where}${method} is waiting for a flood wait to end`);
  }

  /** Turns a flood wait into a RetryAfterError and records it; returns any other error unchanged. */
  async meaning(dcId: number, error: unknown): Promise<unknown> {
    if (!(error instanceof FloodWaitError)) return error;
    await recordFloodWait(this.db, error.method, dcId, error.seconds);
    return new RetryAfterError(error.seconds * 1000, error.message);
  }
}
