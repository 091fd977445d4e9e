/**
 * lease-holder.ts: holds the account's lease and knows, without asking anybody, whether it may be used right now:
 * by the wall clock and by the monotonic one, whichever ends first. A process that slept through its TTL finds out before it sends.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../app/index.js';
import { giveLeaseBack, renewLease, takeLease } from '../db/lease.js';
import type { Db } from '../db/open.js';
import { ConnectionLostError } from './errors.js';

const standByMs = 1000;

export class LeaseHolder {
  private readonly holder = randomUUID();
  private readonly stopping = new AbortController();
  private fence: bigint | undefined;
  private validUntil = { monotonic: -Infinity, wall: -Infinity };
  private renewing: Promise<void> = Promise.resolve();
  private onLost: () => void = () => {};

  constructor(
    private readonly db: Db,
    private readonly ttlSeconds: number,
    private readonly log: Logger,
  ) {}

  /** Waits until the lease is ours, then keeps it. `lost` is called when it was lost all the same. */
  async hold(lost: () => void, signal: AbortSignal): Promise<void> {
    this.onLost = lost;
    let told = false;
    while (!(await this.tryTake())) {
      if (!told) this.log.info('another fetch worker has the account; standing by');
      told = true;
      await sleep(standByMs, undefined, { signal });
    }
    this.log.info({ fence: this.fence?.toString() }, 'holding the account');
    this.renewing = this.keep();
  }

  /** Throws unless the lease is ours at this very moment. */
  check = (): void => {
    if (performance.now() < this.validUntil.monotonic && Date.now() < this.validUntil.wall) return;
    throw new ConnectionLostError('the right to use the account has run out');
  };

  get isHeld(): boolean {
    return performance.now() < this.validUntil.monotonic && Date.now() < this.validUntil.wall;
  }

  /** Gives the lease back; the connection must be closed by then. */
  async release(): Promise<void> {
    this.stopping.abort();
    await this.renewing;
    this.validUntil = { monotonic: -Infinity, wall: -Infinity };
    if (this.fence !== undefined) await giveLeaseBack(this.db, this.fence);
  }

  private async tryTake(): Promise<boolean> {
    const asked = now();
    this.fence = await takeLease(this.db, this.holder, this.ttlSeconds).catch(() => undefined);
    if (this.fence === undefined) return false;
    this.extend(asked);
    return true;
  }

  /** Renews three times a TTL. The time of asking counts, not that of the answer: it is the earlier one. */
  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep((this.ttlSeconds * 1000) / 3, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const asked = now();
      const renewed = await renewLease(this.db, this.fence!, this.ttlSeconds).catch(() => undefined);
      if (renewed) this.extend(asked);
      if (renewed === false || !this.isHeld) {
        this.validUntil = { monotonic: -Infinity, wall: -Infinity };
        this.log.warn('lost the account to another fetch worker, or the database was away for too long');
        this.onLost();
        return;
      }
    }
  }

  private extend(asked: { monotonic: number; wall: number }): void {
    const ttlMs = this.ttlSeconds * 1000;
    this.validUntil = { monotonic: asked.monotonic + ttlMs, wall: asked.wall + ttlMs };
  }
}

function now() {
  return { monotonic: performance.now(), wall: Date.now() };
}
