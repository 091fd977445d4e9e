/** open.ts: connects to an archive's database: waits until it answers and has this version's tables. */
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresOptions } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import { openPool, withClient } from '../postgres/index.js';
import { outageOf, personErrorOf } from './connect-errors.js';
import { type Db, handleOf, poolOf } from './handle.js';
import { inspect } from './inspect.js';
import { migrate } from './migrate.js';

export interface OpenOptions {
  /** Called once a second while the database does not answer or is not upgraded yet, and now and then with the upgrade's progress. */
  waiting?: (reason: string) => void;
  /** Gives up after this many milliseconds; default: never, as a fleet's database may come up later. */
  patienceMs?: number;
  /** Stops waiting. */
  signal?: AbortSignal | undefined;
  connections?: number;
  /** Upgrades it to this version: for the scheduler and `npm start` only. */
  migrate?: boolean;
  /** Whether the queues are in it as well. */
  queues?: boolean;
}

const retryMs = 1000;
const notUpgraded = 'not yet upgraded to this version; the scheduler upgrades it when it starts';

/**
 * Opens an archive's database. Throws a PersonError for what only a person can fix: a password, a permission, another program's database,
 * a newer version's.
 */
export async function openDb(databaseUrl: string, options: OpenOptions = {}): Promise<Db> {
  await untilReady(databaseUrl, options);
  return handleOf(openPool(postgresOptions(databaseUrl), options.connections ?? 10), databaseUrl);
}

export async function closeDb(db: Db): Promise<void> {
  await poolOf(db).end();
}

/** If the connection breaks meanwhile, it starts over. */
async function untilReady(databaseUrl: string, options: OpenOptions): Promise<void> {
  const { waiting, patienceMs = Infinity, signal } = options;
  const began = performance.now();
  for (;;) {
    const reason = await reasonToWait(databaseUrl, options);
    if (reason === undefined) return;
    if (performance.now() - began > patienceMs)
      throw new PersonError(
        reason === notUpgraded
          ? "The database does not have this version's tables yet. Start tgsync once; its scheduler creates them."
          : `The database is not responding (${reason}); see db.url.`,
      );
    waiting?.(reason);
    await sleep(retryMs, undefined, signal && { signal });
  }
}

async function reasonToWait(
  databaseUrl: string,
  { migrate: mayMigrate = false, queues = false, waiting }: OpenOptions,
) {
  try {
    const needs = { migrate: mayMigrate, queues };
    const state = await withClient(postgresOptions(databaseUrl), (client) => inspect(client, needs));
    if (state === 'current') return undefined;
    if (!mayMigrate) return notUpgraded;
    await migrate(databaseUrl, { tell: (line) => waiting?.(`upgrade in progress: ${line}`) });
    return undefined;
  } catch (error) {
    if (error instanceof PersonError) throw error;
    const outage = outageOf(error);
    if (outage !== undefined) return outage;
    throw personErrorOf(error) ?? error;
  }
}
