/** queues-lost.test.ts: all queues are lost under a running worker; it then runs what is enqueued again. */
import { Redis } from 'ioredis';
import pg from 'pg';
import { vi } from 'vitest';
import { job, onEachBackend, signal } from '@tgsync/testing/backends';
import { patience } from '@tgsync/testing';

async function lose({ redisUrl, databaseUrl }: { redisUrl: string | undefined; databaseUrl: string }): Promise<void> {
  if (redisUrl) {
    const client = new Redis(redisUrl);
    await client.flushall();
    client.disconnect();
    return;
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    while (!(await dropped(client))); // a worker in the middle of a job blocks it
  } finally {
    await client.end();
  }
}

async function dropped(client: pg.Client): Promise<boolean> {
  try {
    await client.query('DROP SCHEMA bullmq CASCADE');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '40P01') return false; // deadlock detected
    throw error;
  }
}

onEachBackend((test) => {
  test('a running worker takes what is planned again', async ({ settings, queues, startWorker }) => {
    const [first, second] = [signal(), signal()];
    startWorker(async ({ id }) => (id === 1n ? first : second).give());
    await queues.enqueue([job(1n)]);
    await first.given;
    await lose(settings);
    const planned = () =>
      queues.enqueue([job(2n)]).then(
        () => true,
        () => false, // the planner's next tick retries
      );
    await vi.waitUntil(planned, patience);
    await second.given;
  });
});
