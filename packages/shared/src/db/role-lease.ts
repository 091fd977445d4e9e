/**
 * role-lease.ts: the right to do what only one process may do for an account. Its holder shows the fence in every transaction, so a late
 * one writes nothing; when the lease expires is only a matter of how soon another one goes on.
 */
import { sql, type Db, type Tx } from './handle.js';

export type Role = 'updates';

export interface RoleOf {
  accountId: bigint;
  role: Role;
}

/** Somebody else has the role by now. */
export class RoleLostError extends Error {
  override name = 'RoleLostError';

  constructor({ accountId, role }: RoleOf) {
    super(`another process has taken over the ${role} of account ${accountId}, or this one was too slow to keep them`);
  }
}

/** Takes a role that nobody has, or keeps our own; returns the fence, or undefined if another process has it. */
export async function holdRole(
  db: Db,
  { accountId, role }: RoleOf,
  holder: string,
  ttlSeconds: number,
): Promise<bigint | undefined> {
  const rows = await sql(db).$queryRaw<{ fence: bigint }[]>`
    INSERT INTO role_lease AS held (account_id, role, holder, expires_at)
    VALUES (${accountId}, ${role}, ${holder}::uuid, now() + make_interval(secs => ${ttlSeconds}))
    ON CONFLICT (account_id, role) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
      fence = held.fence + CASE WHEN held.holder = excluded.holder AND held.expires_at > now() THEN 0 ELSE 1 END
    WHERE held.holder = excluded.holder OR held.expires_at <= now()
    RETURNING fence`;
  return rows[0]?.fence;
}

/** Gives it back: another process need not wait. */
export async function releaseRole(db: Db, { accountId, role }: RoleOf, holder: string): Promise<void> {
  await sql(db).$executeRaw`
    UPDATE role_lease SET expires_at = now() WHERE account_id = ${accountId} AND role = ${role} AND holder = ${holder}::uuid`;
}

/** Throws a RoleLostError unless the fence is still the newest; nobody takes the role until the transaction has ended. */
export async function requireRole(tx: Tx, it: RoleOf, fence: bigint): Promise<void> {
  const { accountId, role } = it;
  const rows = await sql(tx).$queryRaw<unknown[]>`
    SELECT FROM role_lease WHERE account_id = ${accountId} AND role = ${role} AND fence = ${fence} FOR SHARE`;
  if (rows.length === 0) throw new RoleLostError(it);
}
