/** file-slots.ts: the right to hold a file connection: the whole fleet shares a fixed number per account and data centre. */
import { theAccount } from './archive.js';
import { type Db, sql } from './handle.js';

/** A slot not renewed for this long is free. */
const ttlSeconds = 15;
export const slotRenewalMs = 5000;

/** Takes a free slot of a data centre; undefined if all `max` are taken. */
export async function takeSlot(db: Db, dcId: number, max: number, holder: string): Promise<number | undefined> {
  const rows = await sql(db).$queryRaw<{ slot: number }[]>`
    INSERT INTO file_slot (account_id, dc_id, slot, holder, expires_at)
    SELECT ${theAccount}, ${dcId}, n, ${holder}::uuid, now() + make_interval(secs => ${ttlSeconds}) FROM generate_series(1, ${max}) AS n
    WHERE NOT EXISTS (
      SELECT FROM file_slot WHERE account_id = ${theAccount} AND dc_id = ${dcId} AND slot = n AND expires_at > now())
    ORDER BY n LIMIT 1
    ON CONFLICT (account_id, dc_id, slot) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
      WHERE file_slot.expires_at <= now()
    RETURNING slot`;
  return rows[0]?.slot;
}

/** What media workers share. */
export interface Fleet {
  /** How many are running. */
  workers: number;
  /** How many small and large files Telegram lets the account read at once from a data centre; null: not known yet. */
  limits: { small: number; large: number } | null;
}

/** Announces a running media worker and what it encrypts with. */
export async function announceWorker(db: Db, id: string, cipher: string): Promise<Fleet> {
  await sql(db).$executeRaw`
    INSERT INTO media_worker (id, cipher, expires_at)
    VALUES (${id}::uuid, ${cipher}, now() + make_interval(secs => ${ttlSeconds}))
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`;
  await sql(db).$executeRaw`DELETE FROM media_worker WHERE expires_at < now() - interval '1 hour'`;
  const rows = await sql(db).$queryRaw<{ workers: number; small: number | null; large: number | null }[]>`
    SELECT (SELECT count(*)::int FROM media_worker WHERE expires_at > now()) AS workers, small_files AS small, large_files AS large
    FROM (SELECT ${theAccount} AS account_id) AS it LEFT JOIN download_limits USING (account_id)`;
  const { workers, small, large } = rows[0]!;
  return { workers, limits: small === null || large === null ? null : { small, large } };
}

/** Records how many small and large files Telegram lets the account read at once from a data centre. */
export async function recordDownloadLimits(db: Db, { small, large }: { small: number; large: number }): Promise<void> {
  await sql(db).$executeRaw`
    INSERT INTO download_limits AS it (account_id, small_files, large_files) VALUES (${theAccount}, ${small}, ${large})
    ON CONFLICT (account_id) DO UPDATE SET small_files = excluded.small_files, large_files = excluded.large_files
      WHERE (it.small_files, it.large_files) IS DISTINCT FROM (excluded.small_files, excluded.large_files)`;
}

/** How many running media workers encrypt with what; null: not known. */
export async function workerCiphers(db: Db): Promise<{ cipher: string | null; workers: number }[]> {
  return await sql(db).$queryRaw`
    SELECT cipher, count(*)::int AS workers FROM media_worker WHERE expires_at > now() GROUP BY cipher ORDER BY cipher`;
}

export async function removeWorker(db: Db, id: string): Promise<void> {
  await sql(db).$executeRaw`DELETE FROM media_worker WHERE id = ${id}::uuid`;
}

export interface HeldSlot {
  dcId: number;
  slot: number;
}

/** Renews all slots of a holder; returns those it still has. */
export async function renewSlots(db: Db, holder: string): Promise<HeldSlot[]> {
  return await sql(db).$queryRaw<HeldSlot[]>`
    UPDATE file_slot SET expires_at = now() + make_interval(secs => ${ttlSeconds})
    WHERE holder = ${holder}::uuid AND expires_at > now()
    RETURNING dc_id AS "dcId", slot`;
}

export async function freeSlot(db: Db, dcId: number, slot: number, holder: string): Promise<void> {
  await sql(db)
    .$executeRaw`DELETE FROM file_slot WHERE dc_id = ${dcId} AND slot = ${slot} AND holder = ${holder}::uuid`;
}
