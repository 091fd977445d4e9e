/** backends.ts: tests of queues on both backends: in Postgres, and in a Redis of the test's own. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@tgsync/shared/app';
import {
  type Handlers,
  openQueues,
  type PlannedJob,
  type Queues,
  startWorker as startRealWorker,
  stopWorker,
} from '@tgsync/shared/jobs';
import { describe, expect, type TestAPI, vi } from 'vitest';
import { type Fixtures, test as base } from './fixtures.js';
import { hasRedis, startRedis } from './redis.js';
import { patience } from './patience.js';

/** Worker programs to be forked, with their settings as the argument; see the files. */
export const lateWorker = fileURLToPath(new URL('../dist/late-worker.js', import.meta.url));
export const stuckWorker = fileURLToPath(new URL('../dist/stuck-worker.js', import.meta.url));

type RealWorker = ReturnType<typeof startRealWorker>;
type RawQueue = ReturnType<Queues['connection']['queue']>;

interface QueueFixtures {
  settings: { redisUrl: string | undefined; databaseUrl: string; archive: string };
  queues: Queues;
  /** BullMQ's own view of the queue `media`. */
  raw: RawQueue;
  /** Starts a worker for the queue `media`, stopped with the test. */
  startWorker: (handle: Handlers<'media'>['download-media'], concurrency?: number) => RealWorker;
}

type QueueTest = TestAPI<Fixtures & QueueFixtures>;

const onPostgres: QueueTest = base.extend<QueueFixtures>({
  settings: async ({ databaseUrl }, use) => use({ redisUrl: undefined, databaseUrl, archive: 'test' }),
  queues: async ({ settings }, use) => {
    const queues = await openQueues(settings, () => {});
    await use(queues);
    await queues.close();
  },
  raw: async ({ queues }, use) => {
    const raw = queues.connection.queue('media');
    await use(raw);
    await raw.close();
  },
  startWorker: async ({ queues }, use) => {
    const started: RealWorker[] = [];
    const log = createLogger('test', 'silent');
    await use((handle, concurrency = 1) => {
      // So that a failing test ends, even if what its handler waits for never comes.
      const orAborted: typeof handle = (payload, context) =>
        Promise.race([
          handle(payload, context),
          once(context.signal, 'abort').then(() => Promise.reject(new Error('stopped'))),
        ]);
      const worker = startRealWorker(
        queues.connection,
        'media',
        { 'download-media': orAborted, 'prove-media': orAborted, 'remove-links': orAborted },
        { concurrency, log },
      );
      started.push(worker);
      return worker;
    });
    await Promise.all(started.map(stopWorker));
  },
});

const onRedis: QueueTest = onPostgres.extend<Pick<QueueFixtures, 'settings'>>({
  settings: async ({}, use) => {
    const redis = await startRedis();
    await use({ redisUrl: redis.url, databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', archive: 'test' });
    await redis.stop();
  },
});

/** Declares the same tests for both backends; without a Redis server those for Redis are skipped with a warning. `together` runs them concurrently. */
export function onEachBackend(declare: (test: QueueTest) => void, { together = false } = {}): void {
  describe('in Postgres', { concurrent: together }, () => declare(onPostgres));
  if (!hasRedis) console.warn('No redis-server on the PATH: queue tests on Redis are skipped.');
  describe.skipIf(!hasRedis)('in Redis', { concurrent: together }, () => declare(onRedis));
}

export const job = (id: bigint): PlannedJob => ({ name: 'download-media', payload: { kind: 'photo', id } });

/** A promise to be resolved from outside. */
export function signal(): { given: Promise<void>; give: () => void } {
  let give!: () => void;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}

/** Polls until the value equals, or contains, what is expected. */
export async function eventually(look: () => Promise<unknown>, expected: number | object): Promise<void> {
  const check = async () => {
    const found = expect(await look());
    if (typeof expected === 'number') found.toBe(expected);
    else found.toMatchObject(expected);
  };
  await vi.waitFor(check, { ...patience, interval: 20 });
}
