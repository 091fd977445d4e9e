/**
 * disk-reservations.ts: how much running downloads will still write to each disk: a row per worker and disk, so that the whole fleet counts
 * together.
 */
import { type Db, inTransaction, sql } from './handle.js';

/** A row not renewed for this long no longer counts. */
const ttlSeconds = 15;
export const reservationRenewalMs = 5000;

/**
 * Records how many bytes a worker will still write to a disk, and returns how many all others will. It writes first and counts
 * afterwards: of two concurrent calls at least one sees the other.
 */
export async function reserveDiskSpace(db: Db, disk: string, worker: string, bytes: number): Promise<number> {
  await sql(db).$executeRaw`
    INSERT INTO disk_reservation (disk, worker, bytes, expires_at)
    VALUES (${disk}, ${worker}::uuid, ${bytes}, now() + make_interval(secs => ${ttlSeconds}))
    ON CONFLICT (disk, worker) DO UPDATE SET bytes = excluded.bytes, expires_at = excluded.expires_at`;
  return await spaceReservedByOthers(db, disk, worker);
}

/** Bytes that other workers will still write to a disk. */
export async function spaceReservedByOthers(db: Db, disk: string, worker: string): Promise<number> {
  const rows = await sql(db).$queryRaw<{ bytes: bigint }[]>`
    SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM disk_reservation
    WHERE disk = ${disk} AND worker <> ${worker}::uuid AND expires_at > now()`;
  return Number(rows[0]!.bytes);
}

export async function releaseDiskSpace(db: Db, disk: string, worker: string): Promise<void> {
  await sql(db).$executeRaw`
    DELETE FROM disk_reservation WHERE disk = ${disk} AND (worker = ${worker}::uuid OR expires_at < now() - interval '1 hour')`;
}

/** Runs something that only one worker may do on a disk at a time; undefined: another one is doing it. */
export async function aloneOnDisk<T>(db: Db, disk: string, work: () => Promise<T>): Promise<T | undefined> {
  return await inTransaction(db, async (tx) => {
    const rows = await sql(tx).$queryRaw<{ mine: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended(${`tgsync disk ${disk}`}, 0)) AS mine`;
    return rows[0]!.mine ? await work() : undefined;
  });
}
