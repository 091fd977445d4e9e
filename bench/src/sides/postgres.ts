/** postgres.ts: the one Postgres server of a benchmark: a database for each round, and the CPU time of all its processes. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { cloneDatabase, dropDatabase } from '@tgsync/testing/database';
import pg from 'pg';
import { cpuOfFamily } from '../usage.js';

export interface BenchPostgres {
  /** CPU seconds of the server and all its processes so far, including those that have ended. */
  cpu(): number;
  /** An empty database, or a copy of another one, to which all connections are cut. */
  database(template?: string): Promise<string>;
  /** A database with this version's tables. */
  migrated(): Promise<string>;
  drop(url: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-bench-'));
  chmodSync(folder, 0o755); // when run as root, Postgres' user must be able to enter it
  const server = await openEmbeddedPostgres(join(folder, 'postgres'));
  const pid = Number(readFileSync(join(server.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const database = async (template = server.url) => {
    await query(server.url.replace(/\/[^/]*$/, '/postgres'), cutOff, [new URL(template).pathname.slice(1)]);
    return await cloneDatabase(template);
  };
  return {
    // The kernel's list of child processes may lack some while others end, so a reading is never too high.
    cpu: () => Math.max(...Array.from({ length: 5 }, () => cpuOfFamily(pid))),
    database,
    async migrated() {
      const url = await database();
      await migrate(url);
      return url;
    },
    drop: (url) => dropDatabase(server.url, url),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A database is copied only while nobody uses it. */
const cutOff = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1';

async function query(url: string, text: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text, values);
  await client.end();
}

/** Asks for a number over one connection until it is high enough. A question must be cheap enough to be asked often. */
export async function untilCount(url: string, question: string, wanted: number, pollMs = 50): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the pending query fails as well
  await client.connect();
  for (;;) {
    const { rows } = await client.query<{ count: string }>(question);
    if (Number(rows[0]!.count) >= wanted) break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  await client.end();
}
