/** archive.ts: which archive this database is, and whose. */
import { randomUUID } from 'node:crypto';
import { PersonError } from '../errors/index.js';
import { type Db, inTransaction, sql } from './handle.js';
import { Prisma } from './sql-text.js';

/** The archive's id, created on the first call. */
export async function archiveId(db: Db): Promise<string> {
  await sql(db).$executeRaw`INSERT INTO archive (id) VALUES (${randomUUID()}::uuid) ON CONFLICT DO NOTHING`;
  const rows = await sql(db).$queryRaw<{ id: string }[]>`SELECT id FROM archive`;
  return rows[0]!.id;
}

/** Whether any file was ever saved here: if so, an empty /media is not mounted. */
export async function hasSavedFiles(db: Db): Promise<boolean> {
  const rows = await sql(db).$queryRaw<{ any: boolean }[]>`
    SELECT EXISTS (SELECT FROM photo WHERE saved) OR EXISTS (SELECT FROM document WHERE saved) AS any`;
  return rows[0]!.any;
}

/** SQL: the account of the archive; 0 before the first login. */
export const theAccount = Prisma.sql`coalesce((SELECT account_id FROM archive), 0)`;

/**
 * Records which account the messages belong to, and that the login of this number is its own. What was recorded before the first login is
 * the account's from now on. Throws a PersonError for a second account.
 */
export async function claimForAccount(db: Db, accountId: bigint, session: number): Promise<void> {
  await archiveId(db);
  await inTransaction(db, async (tx) => {
    const claimed = await sql(tx).$executeRaw`UPDATE archive SET account_id = ${accountId} WHERE account_id IS NULL`;
    if (claimed === 0) return;
    await sql(tx).$executeRaw`UPDATE dialog SET account_id = ${accountId} WHERE account_id = 0`;
    await sql(tx).$executeRaw`UPDATE selector SET account_id = ${accountId} WHERE account_id = 0`;
    await sql(tx).$executeRaw`UPDATE flood_wait SET account_id = ${accountId} WHERE account_id = 0`;
  });
  const rows = await sql(db).$queryRaw<{ owner: bigint }[]>`SELECT account_id AS owner FROM archive`;
  const { owner } = rows[0]!;
  if (owner === accountId) {
    await sql(db)
      .$executeRaw`UPDATE session_lease SET account_id = ${accountId} WHERE session = ${session} AND account_id IS DISTINCT FROM ${accountId}`;
    return;
  }
  throw new PersonError(
    `This database belongs to account ${owner}, but the login is for account ${accountId}. ` +
      'Log in to the first account (`tgsync login`), or use a separate database for this one (db.url).',
  );
}

/** Records why the person has to log in; null: the login works. */
export async function recordLogin(db: Db, problem: string | null): Promise<void> {
  await sql(db)
    .$executeRaw`UPDATE archive SET login_problem = ${problem} WHERE login_problem IS DISTINCT FROM ${problem}`;
}

/** Why the person has to log in, if so. */
export async function loginProblem(db: Db): Promise<string | null> {
  const rows = await sql(db).$queryRaw<{ problem: string | null }[]>`SELECT login_problem AS problem FROM archive`;
  return rows[0]?.problem ?? null;
}
