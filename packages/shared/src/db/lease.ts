/**
 * lease.ts: the row that says who may use the one main connection of a login. The holder's heartbeat is a number, not a time:
 * who stands by takes over when it has not grown for long enough by a clock of its own, so that no clock need agree with another,
 * and one that jumps (the database's too) lets nobody in early.
 */
import { Prisma } from './sql-text.js';
import { type Db, sql } from './handle.js';

export interface Lease {
  fence: bigint;
  beat: bigint;
  /** Seconds of silence after which the holder sends nothing any more. */
  ttl: number;
  released: boolean;
  /** A command of the person's ends or replaces the login. */
  ending: boolean;
  /** For people; nothing decides by it. */
  seenAt: Date;
}

export interface Claimant {
  session: number;
  holder: string;
  ttlSeconds: number;
  /** For the command that ends the login. */
  evenIfEnding: boolean;
}

/** How long a command that ends a login keeps workers away after it last said so: one that was killed must not do so for ever. */
const endingSeconds = 20;
export const endingRenewalMs = 5000;

const isEnding = Prisma.sql`coalesce(session_lease.ending_until > now(), false)`;

export async function readLease(db: Db, session: number): Promise<Lease | null> {
  const rows = await sql(db).$queryRaw<Lease[]>`
    SELECT fence, beat, ttl, released, ${isEnding} AS ending, seen_at AS "seenAt" FROM session_lease WHERE session = ${session}`;
  return rows[0] ?? null;
}

/** Takes a lease that nobody ever had, or that was given back; returns the fencing number, or undefined. */
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

/** Takes a lease from a holder that fell silent: only as it was seen, in silence, for its TTL and a margin. */
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

/** Holds it on; false when another one has it, or the person ends this login. */
export async function renewLease(
  db: Db,
  { session, fence, ttlSeconds, evenIfEnding }: Omit<Claimant, 'holder'> & { fence: bigint },
): Promise<boolean> {
  const renewed = await sql(db).$executeRaw`
    UPDATE session_lease SET beat = beat + 1, ttl = ${ttlSeconds}, seen_at = now()
    WHERE session = ${session} AND fence = ${fence} AND NOT released AND (${evenIfEnding} OR NOT ${isEnding})`;
  return renewed === 1;
}

/** Gives it back: the next one need not wait. Only after the connection is closed. */
export async function giveLeaseBack(db: Db, session: number, fence: bigint): Promise<void> {
  await sql(db).$executeRaw`UPDATE session_lease SET released = true WHERE session = ${session} AND fence = ${fence}`;
}

/** Asks the holder of a login to give it up, and all others to leave it alone: to be said again every `endingRenewalMs`. */
export async function askToEnd(db: Db, session: number): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE session_lease SET ending_until = now() + make_interval(secs => ${endingSeconds}) WHERE session = ${session}`;
}

/** Whoever likes may use the login again. */
export async function stopAskingToEnd(db: Db, session: number): Promise<void> {
  await sql(db).$executeRaw`UPDATE session_lease SET ending_until = NULL WHERE session = ${session}`;
}

/** What a person is told of logins that a command ends now. */
export async function endingLogins(db: Db): Promise<string[]> {
  const rows = await sql(db).$queryRaw<{ session: number }[]>`
    SELECT session FROM session_lease WHERE ${isEnding} ORDER BY session`;
  return rows.map(
    (it) => `login ${it.session} is being logged out or replaced by a command; workers wait until that is done`,
  );
}

/** Forgets the lease of a login that is no more. */
export async function forgetLease(db: Db, session: number): Promise<void> {
  await sql(db).$executeRaw`DELETE FROM session_lease WHERE session = ${session}`;
}
