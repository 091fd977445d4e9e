/** open.ts: the connection to an archive's database: waits until it answers, brings it to this version's tables. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PersonError } from '../errors/index.js';
import { PrismaClient } from './generated/client.js';
import { migrate } from './migrate.js';

/** The database as everything else sees it. */
export interface Db extends PrismaClient {
  readonly databaseUrl: string;
}

/** A statement runner: the database, or a transaction in it. */
export type Tx = Pick<PrismaClient, '$executeRaw' | '$queryRaw'>;

export interface OpenOptions {
  /** Told once a second while the database does not answer. */
  waiting?: (reason: string) => void;
  /** Gives up after this; default: for ever, as a fleet's database may come up later. */
  patienceMs?: number;
  connections?: number;
}

export async function openDb(databaseUrl: string, options: OpenOptions = {}): Promise<Db> {
  await untilItAnswers(databaseUrl, options);
  await refuseForeignDatabase(databaseUrl);
  await migrate(databaseUrl);
  const adapter = new PrismaPg({ connectionString: databaseUrl, max: options.connections ?? 10 });
  const client = new PrismaClient({ adapter, transactionOptions: { timeout: 60_000, maxWait: 30_000 } });
  return Object.assign(client, { databaseUrl }) as Db;
}

export async function closeDb(db: Db): Promise<void> {
  await db.$disconnect();
}

async function untilItAnswers(databaseUrl: string, { waiting, patienceMs = Infinity }: OpenOptions): Promise<void> {
  const start = performance.now();
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === '28P01' || code === '28000')
        throw new PersonError('The database refused user or password: see db.url.');
      if (code === '3D000') throw new PersonError('The database that db.url names does not exist on that server.');
      if (performance.now() - start > patienceMs) throw new PersonError('The database does not answer: see db.url.');
      waiting?.(code ?? 'no answer');
      await sleep(1000);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** A database of the original tool has a table message but not our notes: it is refused until it can be imported. */
async function refuseForeignDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ foreign: boolean }>(
      `SELECT to_regclass('message') IS NOT NULL AND to_regclass('_prisma_migrations') IS NULL AS foreign`,
    );
    if (rows[0]?.foreign) {
      throw new PersonError(
        'This database holds tables of another tool. Importing is not possible yet: give tgsync a database of its own (db.url).',
      );
    }
  } finally {
    await client.end();
  }
}
