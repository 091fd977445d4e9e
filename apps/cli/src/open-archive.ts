/** open-archive.ts: the archive's database for a command; an embedded one that is not running is started for the moment. */
import { join } from 'node:path';
import { type Config, databaseUrlOf, type Environment, loadConfig } from '@tgsync/shared/config';
import { closeDb, type Db, openDb } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';

export async function withArchive<T>(env: Environment, use: (db: Db, config: Config) => Promise<T>): Promise<T> {
  const config = loadConfig(env);
  const embedded =
    config.db.url || env.databaseUrl ? undefined : await openEmbeddedPostgres(join(env.data, 'postgres'));
  try {
    const db = await openDb(embedded?.url ?? databaseUrlOf(config, env), { patienceMs: 5000 });
    try {
      return await use(db, config);
    } finally {
      await closeDb(db);
    }
  } finally {
    if (embedded?.started) await embedded.stop();
  }
}
