/** What jobs leave behind: with queues in Postgres, finished ones are not looked through at every completion, and steps are not announced. */
import pg from 'pg';
import { expect, vi } from 'vitest';
import { job, onEachBackend, signal } from '@tgsync/testing/backends';
import { patience } from '@tgsync/testing';

onEachBackend((test) => {
  test('old finished jobs are removed at times', async ({ settings, queues, raw, startWorker }) => {
    const [kept, jobs] = [5, 60];
    const ids = Array.from({ length: jobs }, (_, at) => BigInt(at + 1));
    const options = { removeOnComplete: { count: kept } };
    await raw.addBulk(ids.map((id) => ({ name: job(id).name, data: { kind: 'photo', id: `${id}` }, opts: options })));
    let done = 0;
    startWorker(async () => void done++);
    const left = async () => (await queues.counts('media')).waiting + (await queues.counts('media')).active;
    await vi.waitUntil(async () => done === jobs && (await left()) === 0, patience);
    // In Postgres at the first and at the 51st completion.
    expect(await raw.getCompletedCount()).toBe(settings.redisUrl ? kept : kept + 9);
  });

  test('the steps of a job wake nobody', async ({ settings, queues, startWorker }) => {
    if (settings.redisUrl) return;
    const client = new pg.Client({ connectionString: settings.databaseUrl });
    await client.connect();
    const heard: string[] = [];
    client.on('notification', ({ channel }) => heard.push(channel));
    await queues.enqueue([job(1n)]);
    await client.query('LISTEN bullmq_events; LISTEN bullmq_jobs');
    const done = signal();
    startWorker(async () => done.give());
    await done.given;
    await vi.waitUntil(async () => (await queues.counts('media')).active === 0, patience);
    await client.query('SELECT 1'); // notifications come before the answer
    await client.end();
    expect(heard).toEqual([]);
  });
});
