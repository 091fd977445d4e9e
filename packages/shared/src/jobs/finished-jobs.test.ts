/** Which finished jobs are kept: with queues in Postgres they are not looked through at every completion. */
import { expect, vi } from 'vitest';
import { job, onEachBackend } from '@tgsync/testing/backends';
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
});
