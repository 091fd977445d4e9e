/**
 * lease.ts: the row that says who may use the account's one main connection, with a time to live.
 * All times are the database's own, so that the clocks of several machines need not agree.
 */
import type { Db } from './open.js';

/** Who takes over waits this much longer than the TTL: bytes of the old holder may still be under way. */
const marginSeconds = 3;

/** Takes the lease if nobody holds it (any more); returns the fencing number, or undefined. */
export async function takeLease(db: Db, holder: string, ttlSeconds: number): Promise<bigint | undefined> {
  const rows = await db.$queryRaw<{ fence: bigint }[]>`
    INSERT INTO account_lease (holder, fence, expires_at) VALUES (${holder}::uuid, 1, now() + make_interval(secs => ${ttlSeconds}))
    ON CONFLICT ("only") DO UPDATE
      SET holder = excluded.holder, fence = account_lease.fence + 1, expires_at = excluded.expires_at
      WHERE account_lease.expires_at + make_interval(secs => ${marginSeconds}) < now()
    RETURNING fence`;
  return rows[0]?.fence;
}

/** Holds it on; false when another one has it. */
export async function renewLease(db: Db, fence: bigint, ttlSeconds: number): Promise<boolean> {
  const renewed = await db.$executeRaw`
    UPDATE account_lease SET expires_at = now() + make_interval(secs => ${ttlSeconds})
    WHERE fence = ${fence} AND expires_at > now()`;
  return renewed === 1;
}

/** Gives it back: the next one need not wait. Only after the connection is closed. */
export async function giveLeaseBack(db: Db, fence: bigint): Promise<void> {
  await db.$executeRaw`
    UPDATE account_lease SET expires_at = now() - make_interval(secs => ${marginSeconds + 1}) WHERE fence = ${fence}`;
}

/** Whether somebody has the account now. */
export async function leaseIsHeld(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<{ held: boolean }[]>`SELECT expires_at > now() AS held FROM account_lease`;
  return rows[0]?.held ?? false;
}
