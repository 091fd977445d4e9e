/**
 * troubles.ts: what currently keeps part of the fleet from working, for status, health and dashboard. A row expires by itself: a process
 * killed in trouble must not stay in trouble for ever.
 */
import { endingLogins } from './lease.js';
import { awayPlaces } from './places.js';
import { type Db, sql } from './handle.js';

/** Longer than three renewals. */
const ttlSeconds = 60;
export const troubleRenewalMs = 15_000;

/** Records that `place` has a problem, or still has it. */
export async function noteTrouble(db: Db, place: string, reason: string): Promise<void> {
  await sql(db).$executeRaw`
    INSERT INTO trouble (place, reason, expires_at) VALUES (${place}, ${reason}, now() + make_interval(secs => ${ttlSeconds}))
    ON CONFLICT (place) DO UPDATE SET reason = excluded.reason, expires_at = excluded.expires_at,
      since = CASE WHEN trouble.expires_at < now() THEN now() ELSE trouble.since END`;
}

export async function endTrouble(db: Db, place: string): Promise<void> {
  await sql(db).$executeRaw`DELETE FROM trouble WHERE place = ${place}`;
}

/** Current problems, each once, oldest first; then logins being ended, and unreachable places. */
export async function currentTroubles(db: Db): Promise<string[]> {
  const rows = await sql(db).$queryRaw<{ reason: string }[]>`
    SELECT reason FROM trouble WHERE expires_at > now() GROUP BY reason ORDER BY min(since), reason`;
  return [...rows.map((it) => it.reason), ...(await endingLogins(db)), ...(await awayPlaces(db))];
}
