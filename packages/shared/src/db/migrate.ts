/**
 * migrate.ts: brings a database to this version's tables. Applied once, by whoever is first; the others wait and find nothing to do.
 */
import { postgresOptions } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import { withClient } from '../postgres/index.js';
import { type MarkOptions, markOwners } from './mark-owners.js';
import { migrationsFolder, migrationsLock, ownMigrations } from './schema-version.js';

/** The migrations of this version up to one, as the schema engine wants them. */
function migrationsList(last: string | undefined) {
  const migrations = ownMigrations().filter((it) => last === undefined || it.name <= last);
  return {
    baseDir: migrationsFolder,
    lockfile: { path: 'migration_lock.toml', content: migrationsLock() },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
    })),
  };
}

/** Whoever applies migrations holds it: Prisma's own number, as an older version may be at it. */
const migrationLock = 72_707_369;
/** A start waits so long for another one that upgrades. */
const patience = '120s';

/** The step between these two migrations is done by the program: see mark-owners.ts. */
const owners = { after: '20261129110000_owner', before: '20261129120000_law' };

/** Applies what is missing; returns the names of what was applied. */
export async function migrate(databaseUrl: string, options: MarkOptions = { tell: () => {} }): Promise<string[]> {
  return await withClient(postgresOptions(databaseUrl), async (client) => {
    // Of a transaction and not of the connection: that may be a pool's, which keeps it and the lock for others.
    await client.query('BEGIN');
    try {
      await client.query(`SET LOCAL lock_timeout = '${patience}'; SET LOCAL idle_in_transaction_session_timeout = 0`);
      // No parameter: it would leave a portal open, whose snapshot would keep VACUUM from freeing old row versions.
      await client.query(`SELECT pg_advisory_xact_lock(${migrationLock})`);
      await forgetUnfinished(databaseUrl);
      if (await isDone(databaseUrl, owners.before)) return await apply(databaseUrl);
      const applied = await apply(databaseUrl, owners.after);
      await withClient(postgresOptions(databaseUrl), (other) => markOwners(other, options));
      return [...applied, ...(await apply(databaseUrl))];
    } catch (error) {
      if ((error as { code?: string }).code === '55P03')
        throw new PersonError(
          'Another process has been upgrading this database for minutes: is it stuck? Stop it (or the pool that kept its connection), and start again.',
        );
      throw error;
    } finally {
      await client.query('ROLLBACK').catch(() => {}); // nothing was written in it
    }
  });
}

async function apply(databaseUrl: string, last?: string): Promise<string[]> {
  const { withSchemaEngine } = await import('./schema-engine.js'); // hardly any start needs it
  return await withSchemaEngine(databaseUrl, async (engine) => {
    const filters = { externalTables: [], externalEnums: [] };
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrationsList(last), filters });
    return appliedMigrationNames;
  });
}

/**
 * One that was cut off, by a kill or a dead line, left its record unfinished, and the engine would refuse the database for ever.
 * Each migration finishes its record in its own transaction (see schema-engine.ts), so of such a one nothing was applied.
 */
async function forgetUnfinished(databaseUrl: string): Promise<void> {
  await withClient(postgresOptions(databaseUrl), async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS there`,
    );
    if (!rows[0]!.there) return;
    await client.query(
      'DELETE FROM public._prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL AND migration_name = ANY($1)',
      [ownMigrations().map((it) => it.name)],
    );
  });
}

async function isDone(databaseUrl: string, name: string): Promise<boolean> {
  return await withClient(postgresOptions(databaseUrl), async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS there`,
    );
    if (!rows[0]!.there) return false;
    const done = await client.query(
      'SELECT FROM public._prisma_migrations WHERE migration_name = $1 AND finished_at IS NOT NULL',
      [name],
    );
    return done.rows.length > 0;
  });
}
