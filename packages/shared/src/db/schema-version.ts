/**
 * schema-version.ts: whether a database has this version's tables. Only the scheduler and `npm start` upgrade it; the other apps wait,
 * and an older version leaves a newer database alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Db, sql } from './handle.js';

const folder = fileURLToPath(new URL('../../../../prisma/migrations/', import.meta.url));

/** older: migrations are pending. foreign: another program's database. */
export type SchemaState = 'current' | 'older' | 'newer' | 'foreign';

export interface Migration {
  name: string;
  sql: string;
}

/** The migrations of this version, in their order. */
export function ownMigrations(): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isDirectory());
  return names
    .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The kind of database, as Prisma requires it. */
export const migrationsLock = (): string => readFileSync(join(folder, 'migration_lock.toml'), 'utf8');

export const migrationsFolder = folder;

/** `applied`: the names that the database records as done. Pure. */
export function schemaState(applied: readonly string[], own: readonly string[]): SchemaState {
  if (applied.length > 0 && !applied.includes(own[0]!)) return 'foreign';
  if (applied.some((it) => !own.includes(it))) return 'newer';
  return own.every((it) => applied.includes(it)) ? 'current' : 'older';
}

export const newerDatabase =
  'This database was upgraded by a newer version of tgsync; this older version must not write to it. ' +
  'Start the newer version again (`git pull`, then `npm start` or `docker compose up -d --build`).';

const pollMs = 3000;

/** Calls back once when a newer version has upgraded the database under a running app. Returns a function that stops watching. */
export function followSchema(db: Db, onNewer: (problem: string) => void): () => void {
  const own = ownMigrations().map((it) => it.name);
  const poll = async () => {
    const rows = await sql(db).$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    const state = schemaState(
      rows.map((it) => it.name),
      own,
    );
    if (state !== 'newer') return;
    clearInterval(timer);
    onNewer(newerDatabase);
  };
  const timer = setInterval(() => void poll().catch(() => {}), pollMs);
  return () => clearInterval(timer);
}
