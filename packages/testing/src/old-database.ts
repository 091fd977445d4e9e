/** old-database.ts: a database as an earlier version created it. */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../prisma/migrations/', import.meta.url));

/** Applies the migrations before a given one to an empty database, and records them like Prisma. */
export async function migrateUpTo(query: (sql: string) => Promise<unknown>, before: string): Promise<void> {
  await query(`CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
  const names = readdirSync(folder).filter((it) => /^\d/.test(it) && it < before);
  for (const name of names.sort()) {
    const text = readFileSync(`${folder}${name}/migration.sql`, 'utf8');
    await query(text);
    const checksum = createHash('sha256').update(text).digest('hex');
    await query(`INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
      VALUES ('${randomUUID()}', '${checksum}', now(), '${name}', 1)`);
  }
}
