/**
 * places.ts: parts of Telegram that are unreachable: nothing there succeeds. Shared by the fleet, like a flood wait: one worker probes
 * now and then, with growing pauses, and nobody else tries anything there meanwhile.
 */
import { type Db, sql } from './handle.js';

/** Seconds between probes: doubled each time, up to the maximum. */
export interface Pauses {
  first: number;
  longest: number;
}

const pauses: Pauses = { first: 5, longest: 60 };
/** Outages shorter than this are not reported. */
const toldAfter = 3;
/** Milliseconds between checks while somebody else probes. */
const whileProbed = 1000;
/** The state of a place that nobody probes any more is unknown. */
const forgottenAfter = 30;

export interface AwayPlace {
  reason: string;
  /** Milliseconds until the next probe is due. */
  waitMs: number;
}

/** Records that nothing succeeds at a place. `isNew`: it was not recorded before. */
export async function notePlaceAway(
  db: Db,
  place: string,
  reason: string,
  { first, longest } = pauses,
): Promise<AwayPlace & { failures: number; isNew: boolean }> {
  const rows = await sql(db).$queryRaw<(AwayPlace & { failures: number; isNew: boolean })[]>`
    INSERT INTO away_place AS it (place, reason, probe_at) VALUES (${place}, ${reason}, now() + make_interval(secs => ${first}))
    ON CONFLICT (place) DO UPDATE SET reason = excluded.reason,
      failures = CASE WHEN it.probe_at > now() THEN it.failures ELSE it.failures + 1 END,
      probe_at = CASE WHEN it.probe_at > now() THEN it.probe_at
        ELSE now() + make_interval(secs => least(${longest}, ${first} * 2 ^ least(it.failures, 10))) END
    RETURNING reason, failures, (extract(epoch FROM probe_at - now()) * 1000)::int AS "waitMs", it.xmax = 0 AS "isNew"`;
  return rows[0]!;
}

/** The outage of a place; undefined: none known. */
export async function awayPlace(db: Db, place: string): Promise<AwayPlace | undefined> {
  const rows = await sql(db).$queryRaw<AwayPlace[]>`
    SELECT reason, CASE WHEN probing_until > now() THEN ${whileProbed} ELSE greatest(0, (extract(epoch FROM probe_at - now()) * 1000)::int) END AS "waitMs"
    FROM away_place WHERE place = ${place}`;
  return rows[0];
}

/** Claims the probe that is due, for a while; false: it is not due, or somebody else has it. */
export async function takeProbe(db: Db, place: string, seconds: number): Promise<boolean> {
  const taken = await sql(db).$executeRaw`
    UPDATE away_place SET probing_until = now() + make_interval(secs => ${seconds})
    WHERE place = ${place} AND probe_at <= now() AND (probing_until IS NULL OR probing_until <= now())`;
  return taken > 0;
}

/** Records that a claimed probe failed: the next is due after a longer pause. */
export async function noteProbeFailed(db: Db, place: string, reason: string): Promise<AwayPlace | undefined> {
  const rows = await sql(db).$queryRaw<AwayPlace[]>`
    UPDATE away_place SET reason = ${reason}, failures = failures + 1, probing_until = NULL,
      probe_at = now() + make_interval(secs => least(${pauses.longest}, ${pauses.first} * 2 ^ least(failures, 10)))
    WHERE place = ${place}
    RETURNING reason, (extract(epoch FROM probe_at - now()) * 1000)::int AS "waitMs"`;
  return rows[0];
}

/** Records that something succeeded there. true: it was unreachable until now. */
export async function notePlaceBack(db: Db, place: string): Promise<boolean> {
  return (await sql(db).$executeRaw`DELETE FROM away_place WHERE place = ${place}`) > 0;
}

/** What is unreachable now and why, oldest first. */
export async function awayPlaces(db: Db): Promise<string[]> {
  const rows = await sql(db).$queryRaw<{ reason: string }[]>`
    SELECT reason FROM away_place
    WHERE probe_at > now() - make_interval(secs => ${forgottenAfter}) AND since < now() - make_interval(secs => ${toldAfter})
    ORDER BY since, place`;
  return rows.map((it) => it.reason);
}
