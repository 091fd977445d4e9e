/** open-archive.ts: opens the archive's database for a command, and starts an embedded one for that time if it is not running. */
import { join } from 'node:path';
import { type Config, databaseUrlOf, type Environment, loadConfig } from '@tgsync/shared/config';
import { closeDb, type Db, openDb } from '@tgsync/shared/db';
import { hasEmbeddedPostgres, openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { PersonError } from '@tgsync/shared/errors';
import { endingSignals } from './interruption.js';

const embeddedFolder = (env: Environment) => join(env.data, 'postgres');

/** `migrate`: makes or upgrades the tables, for a command that may be the first to need them. */
export async function withArchive<T>(
  env: Environment,
  use: (db: Db, config: Config) => Promise<T>,
  { migrate = false } = {},
): Promise<T> {
  const config = loadConfig(env);
  const options = { migrate };
  if (config.db.url || env.databaseUrl)
    return await withDb(databaseUrlOf(config, env), (db) => use(db, config), options);
  const opening = openEmbeddedPostgres(embeddedFolder(env), { temporary: true });
  const end = (name: NodeJS.Signals) => {
    if (process.listenerCount(name) > 1) return; // the command cleans up itself
    void opening.then((it) => it.close()).finally(() => process.exit(130));
  };
  for (const name of endingSignals) process.on(name, end);
  try {
    const embedded = await opening;
    try {
      return await withDb(embedded.url, (db) => use(db, config), options);
    } finally {
      await embedded.close();
    }
  } finally {
    for (const name of endingSignals) process.off(name, end);
  }
}

/**
 * Like the above, for callers that can do without a database: does not wait, and returns undefined if there is none or it does not
 * answer.
 */
export async function withArchiveIfThere<T>(env: Environment, use: (db: Db) => Promise<T>): Promise<T | undefined> {
  const config = loadConfig(env);
  const isOurs = !config.db.url && !env.databaseUrl;
  if (isOurs && !hasEmbeddedPostgres(embeddedFolder(env))) return undefined;
  let begun = false;
  const once = async (db: Db) => {
    begun = true;
    return await use(db);
  };
  try {
    if (isOurs) return await withArchive(env, once);
    return await withDb(databaseUrlOf(config, env), once, { patienceMs: 0 });
  } catch (error) {
    if (begun || !(error instanceof PersonError)) throw error;
    return undefined;
  }
}

async function withDb<T>(
  url: string,
  use: (db: Db) => Promise<T>,
  { patienceMs = 5000, migrate = false }: { patienceMs?: number; migrate?: boolean } = {},
): Promise<T> {
  const db = await openDb(url, { patienceMs, migrate });
  try {
    return await use(db);
  } finally {
    await closeDb(db);
  }
}
