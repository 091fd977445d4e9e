/**
 * lease.ts: the row that says who may use the one main connection of a login. The holder's heartbeat is a counter, not a time: a standby
 * takes over once it has stalled for long enough by the standby's own clock. So no clocks need to agree, and one that jumps (the
 * database's included) lets nobody in early.
 */
import { Prisma } from './sql-text.js';
import { type Db, sql } from './handle.js';

export interface Lease {
  fence: bigint;
  beat: bigint;
  /** Seconds without a renewal after which the holder stops sending. */
  ttl: number;
  released: boolean;
  /** A command is logging out or replacing the login. */
  ending: boolean;
  /** For people; nothing depends on it. */
  seenAt: Date;
}

export interface Claimant {
  session: number;
  holder: string;
  ttlSeconds: number;
  /** For the command that ends the login. */
  evenIfEnding: boolean;
}

/** How long a command keeps workers away from a login after its last announcement: a killed one must not do so for ever. */
const endingSeconds = 20;
export const endingRenewalMs = 5000;

const isEnding = Prisma.sql`coalesce(session_lease.ending_until > now(), false)`;

export async function readLease(db: Db, session: number): Promise<Lease | null> {
  const rows = await sql(db).$queryRaw<Lease[]>`
    SELECT fence, beat, ttl, released, ${isEnding} AS ending, seen_at AS "seenAt" FROM session_lease WHERE session = ${session}`;
  return rows[0] ?? null;
}

/** Takes a new or released lease; returns the fencing number, or undefined. */
export async function takeLease(
  db: Db,
  { session, holder, ttlSeconds, evenIfEnding }: Claimant,
): Promise<bigint | undefined> {
  const rows = await sql(db).$queryRaw<{ fence: bigint }[]>`
    INSERT INTO session_lease (session, holder, fence, ttl) VALUES (${session}, ${holder}::uuid, 1, ${ttlSeconds})
    ON CONFLICT (session) DO UPDATE
      SET holder = excluded.holder, fence = session_lease.fence + 1, ttl = excluded.ttl, released = false,
        beat = session_lease.beat + 1, seen_at = now()
      WHERE session_lease.released AND (${evenIfEnding} OR NOT ${isEnding})
    RETURNING fence`;
  return rows[0]?.fence;
}

/** Takes a lease from a silent holder: only if unchanged, after a silence of its TTL plus a margin. */
export async function takeOverLease(
  db: Db,
  { session, holder, ttlSeconds }: Claimant,
  silent: Pick<Lease, 'fence' | 'beat'>,
): Promise<bigint | undefined> {
  const rows = await sql(db).$queryRaw<{ fence: bigint }[]>`
    UPDATE session_lease SET holder = ${holder}::uuid, fence = fence + 1, beat = beat + 1, ttl = ${ttlSeconds}, released = false, seen_at = now()
    WHERE session = ${session} AND fence = ${silent.fence} AND beat = ${silent.beat}
    RETURNING fence`;
  return rows[0]?.fence;
}

/** Renews it; false if another one has it, or the person ends this login. */
export async function renewLease(
  db: Db,
  { session, fence, ttlSeconds, evenIfEnding }: Omit<Claimant, 'holder'> & { fence: bigint },
): Promise<boolean> {
  const renewed = await sql(db).$executeRaw`
    UPDATE session_lease SET beat = beat + 1, ttl = ${ttlSeconds}, seen_at = now()
    WHERE session = ${session} AND fence = ${fence} AND NOT released AND (${evenIfEnding} OR NOT ${isEnding})`;
  return renewed === 1;
}

/** Releases it, so that the next holder need not wait. Only after the connection is closed. */
export async function giveLeaseBack(db: Db, session: number, fence: bigint): Promise<void> {
  await sql(db).$executeRaw`UPDATE session_lease SET released = true WHERE session = ${session} AND fence = ${fence}`;
}

/** Asks the holder of a login to release it, and all others to leave it alone: to be repeated every `endingRenewalMs`. */
export async function askToEnd(db: Db, session: number): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE session_lease SET ending_until = now() + make_interval(secs => ${endingSeconds}) WHERE session = ${session}`;
}

/** Anyone may use the login again. */
export async function stopAskingToEnd(db: Db, session: number): Promise<void> {
  await sql(db).$executeRaw`UPDATE session_lease SET ending_until = NULL WHERE session = ${session}`;
}

/** The sentences about logins that a command is ending now. */
export async function endingLogins(db: Db): Promise<string[]> {
  const rows = await sql(db).$queryRaw<{ session: number }[]>`
    SELECT session FROM session_lease WHERE ${isEnding} ORDER BY session`;
  return rows.map(
    (it) => `login ${it.session} is being logged out or replaced by a command; workers wait until that is done`,
  );
}

/** Deletes the lease of a login that no longer exists. */
export async function forgetLease(db: Db, session: number): Promise<void> {
  await sql(db).$executeRaw`DELETE FROM session_lease WHERE session = ${session}`;
}
