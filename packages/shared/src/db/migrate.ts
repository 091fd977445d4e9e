/**
 * migrate.ts: brings a database to this version's tables. Applied once, by whoever is first; the others wait and find nothing to do.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { withSchemaEngine } from './schema-engine.js';

const prismaFolder = fileURLToPath(new URL('../../../../prisma/', import.meta.url));

/** The migrations of this version, as the schema engine wants them. */
function migrationsList() {
  const baseDir = join(prismaFolder, 'migrations');
  const names = readdirSync(baseDir, { withFileTypes: true })
    .filter((it) => it.isDirectory())
    .map((it) => it.name)
    .sort();
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(join(baseDir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: names.map((path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(join(baseDir, path, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

/** Prisma's own: whoever applies migrations holds it. */
const migrationLock = 72_707_369;

/** Applies what is missing; returns the names of what was applied. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  await forgetUnfinished(databaseUrl);
  return await withSchemaEngine(databaseUrl, async (engine) => {
    const filters = { externalTables: [], externalEnums: [] };
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: migrationsList(), filters });
    return appliedMigrationNames;
  });
}

/**
 * One that was cut off, by a kill or a dead line, left its record unfinished, and the engine would refuse the database for ever.
 * Each migration finishes its record in its own transaction (see schema-engine.ts), so of such a one nothing was applied.
 */
async function forgetUnfinished(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
    );
    if (!rows[0]!.there) return;
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]); // nobody is at it now
    await client.query('DELETE FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL');
  } finally {
    await client.end();
  }
}
