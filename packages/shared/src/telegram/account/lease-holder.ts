/**
 * lease-holder.ts: holds the lease of a login and knows, without asking anybody, whether it may be used right now: by the wall clock and
 * the monotonic clock, whichever ends first. A process that slept through its TTL finds out before it sends.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../app/index.js';
import {
  askToEnd,
  endingRenewalMs,
  giveLeaseBack,
  readLease,
  renewLease,
  stopAskingToEnd,
  takeLease,
  takeOverLease,
} from '../../db/lease.js';
import type { Db } from '../../db/handle.js';
import { NotHeldError } from '../wire/errors.js';

const pollMs = 500;
/** A standby waits this much longer than the TTL, in case bytes of the old holder are still in transit. */
const marginMs = 3000;

export class LeaseHolder {
  private readonly holder = randomUUID();
  private readonly stopping = new AbortController();
  private held: { session: number; fence: bigint; evenIfEnding: boolean } | undefined;
  private validUntil = { monotonic: -Infinity, wall: -Infinity };
  private renewing: Promise<void> = Promise.resolve();
  /** A renewal was refused: another worker has the lease, or a command that ends the login waits for its release. */
  wasRefused = false;
  /** The login reserved for a command, and the timer that repeats the announcement. */
  private ending: { session: number; announcing: Promise<void> } | undefined;
  /** Other holders' heartbeats, and since when they have stalled by our own clock. */
  private readonly silent = new Map<number, { fence: bigint; beat: bigint; since: number }>();

  constructor(
    private readonly db: Db,
    /** Seconds; may change from one renewal to the next. */
    private readonly ttl: () => number,
    private readonly log: Logger,
  ) {}

  /**
   * Waits until we have the lease of one of the logins, then keeps it; returns the login's number. `candidates` are the usable logins, in
   * order of preference. `lost` is called if the lease is lost.
   */
  async hold(candidates: () => readonly number[], lost: () => void, signal: AbortSignal): Promise<number> {
    for (let logged = false; ; logged = true) {
      const taken = await this.tryHold(candidates(), lost);
      if (taken !== undefined) return taken;
      if (!logged) this.log.info('other fetch workers hold the account; standing by');
      await sleep(pollMs, undefined, { signal });
    }
  }

  /**
   * Waits for the lease of a login that is to be ended or replaced: until our release its holder is asked to give it up, and nobody else
   * takes it.
   */
  async holdToEnd(session: number, lost: () => void, signal: AbortSignal): Promise<void> {
    this.ending = { session, announcing: this.keepAskingToEnd(session) };
    await this.hold(() => [session], lost, signal);
  }

  /** Like `hold` without waiting; undefined: others hold them all. May be called again. */
  async tryHold(candidates: readonly number[], lost: () => void): Promise<number | undefined> {
    for (const session of candidates) {
      if (!(await this.tryTake(session).catch(() => false))) continue;
      this.log.info({ login: session, fence: this.held!.fence.toString() }, 'holding the account');
      this.renewing = this.keep(lost);
      return session;
    }
    return undefined;
  }

  /** Throws unless the lease is ours right now. */
  check = (): void => {
    if (!this.isHeld) throw new NotHeldError('the lease on the account has expired');
  };

  get isHeld(): boolean {
    return performance.now() < this.validUntil.monotonic && Date.now() < this.validUntil.wall;
  }

  /** Releases the lease; the connection must be closed already. */
  async release(): Promise<void> {
    this.stopping.abort();
    await this.renewing;
    this.validUntil = { monotonic: -Infinity, wall: -Infinity };
    await this.ending?.announcing;
    if (this.ending) await stopAskingToEnd(this.db, this.ending.session);
    if (this.held) await giveLeaseBack(this.db, this.held.session, this.held.fence);
  }

  /** The next renewal makes up for a failed one. */
  private async keepAskingToEnd(session: number): Promise<void> {
    for (const { signal } = this.stopping; !signal.aborted;) {
      await askToEnd(this.db, session).catch(() => {});
      await sleep(endingRenewalMs, undefined, { signal }).catch(() => {});
    }
  }

  private async tryTake(session: number): Promise<boolean> {
    const asked = now();
    const evenIfEnding = this.ending?.session === session;
    const ttlSeconds = this.ttl();
    const claimant = { session, holder: this.holder, ttlSeconds, evenIfEnding };
    const lease = await readLease(this.db, session);
    if (lease?.ending && !evenIfEnding) return false;
    const fence =
      !lease || lease.released
        ? await takeLease(this.db, claimant)
        : this.isSilent(session, lease, asked.monotonic)
          ? await takeOverLease(this.db, claimant, lease)
          : undefined;
    if (fence === undefined) return false;
    this.held = { session, fence, evenIfEnding };
    this.extend(asked, ttlSeconds);
    return true;
  }

  /** Whether the holder's heartbeat has stalled for its TTL plus the margin while we watched. */
  private isSilent(
    session: number,
    { fence, beat, ttl }: { fence: bigint; beat: bigint; ttl: number },
    at: number,
  ): boolean {
    const seen = this.silent.get(session);
    if (seen?.fence === fence && seen.beat === beat) return at - seen.since > ttl * 1000 + marginMs;
    this.silent.set(session, { fence, beat, since: performance.now() }); // taken after the answer: the later time is the safe one
    return false;
  }

  /** Renews three times per TTL. The time of the request counts, not of the answer: the earlier one is safe. */
  private async keep(lost: () => void): Promise<void> {
    const { signal } = this.stopping;
    const held = this.held!;
    while (!signal.aborted) {
      await sleep((this.ttl() * 1000) / 3, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const asked = now();
      const ttlSeconds = this.ttl();
      const renewed = await renewLease(this.db, { ...held, ttlSeconds }).catch(() => undefined);
      if (renewed) this.extend(asked, ttlSeconds);
      if (renewed === false || !this.isHeld) {
        this.wasRefused = renewed === false;
        this.validUntil = { monotonic: -Infinity, wall: -Infinity };
        this.log.warn(
          { login: held.session },
          'lost the account: another fetch worker or a command took it, or the database was unavailable for too long',
        );
        lost();
        return;
      }
    }
  }

  private extend(asked: { monotonic: number; wall: number }, ttlSeconds: number): void {
    const ttlMs = ttlSeconds * 1000;
    this.validUntil = { monotonic: asked.monotonic + ttlMs, wall: asked.wall + ttlMs };
  }
}

function now() {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** Runs `work` while no worker uses the login: its holder releases it first, and workers may take it again afterwards. */
export async function whileNobodyUses<T>(
  { db, ttlSeconds, log }: { db: Db; ttlSeconds: number; log: Logger },
  session: number,
  run: () => T,
): Promise<T> {
  const lease = new LeaseHolder(db, () => ttlSeconds, log);
  try {
    await lease.holdToEnd(session, () => {}, new AbortController().signal);
    lease.check();
    return run();
  } finally {
    await lease.release().catch(() => {}); // it expires by itself
  }
}
