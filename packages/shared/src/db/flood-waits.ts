/** flood-waits.ts: until when the account must not call a method. Shared by all workers; per data centre for files. */
import { theAccount } from './archive.js';
import { type Db, sql } from './handle.js';

export async function recordFloodWait(db: Db, method: string, dcId: number, seconds: number): Promise<void> {
  await sql(db).$executeRaw`
    INSERT INTO flood_wait (account_id, method, dc_id, until)
    VALUES (${theAccount}, ${method}, ${dcId}, now() + make_interval(secs => ${seconds}))
    ON CONFLICT (account_id, method, dc_id) DO UPDATE SET until = greatest(flood_wait.until, excluded.until)`;
}

/** Milliseconds until the method may be called; 0: now. */
export async function floodWaitMs(db: Db, method: string, dcId: number): Promise<number> {
  const rows = await sql(db).$queryRaw<{ ms: number }[]>`
    SELECT (extract(epoch FROM until - now()) * 1000)::float8 AS ms FROM flood_wait
    WHERE account_id = ${theAccount} AND method = ${method} AND dc_id = ${dcId} AND until > now()`;
  return Math.ceil(rows[0]?.ms ?? 0);
}
