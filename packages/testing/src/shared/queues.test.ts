/** A queue holds each work once, only what the catalog knows, and no more than its bound. */
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { stopWorker } from '@tgsync/shared/jobs';
import { expect } from 'vitest';
import { eventually, job, onEachBackend, signal } from './backends.js';

onEachBackend((test) => {
  test('the same work is in the queue once, until it is done', async ({ queues, raw, startWorker }) => {
    await queues.enqueue([job(1n), job(1n), { name: 'download-media', payload: { kind: 'document', id: 1n } }]);
    await queues.enqueue([job(1n)]);
    expect(await queues.counts('media')).toMatchObject({ waiting: 2 });
    const seen: string[] = [];
    const worker = startWorker(async ({ kind, id }) => void seen.push(`${kind} ${id}`));
    await eventually(() => raw.getCompletedCount(), 2);
    expect(seen.sort()).toEqual(['document 1', 'photo 1']);
    await stopWorker(worker);
    await queues.enqueue([job(1n)]);
    expect(await queues.counts('media')).toMatchObject({ waiting: 1 });
  });

  test.for([
    ['download-media', { kind: 'video', id: '1' }],
    ['download-media', { kind: 'photo', id: '1.5' }],
    ['download-media', { kind: 'photo' }],
    ['no-such-job', { kind: 'photo', id: '1' }],
    ['history-page', { chatId: '1', part: 'a', from: '1', to: '2', limit: 1 }],
  ] as const)('%s with %j is refused at once and runs nothing', async ([name, data], { queues, raw, startWorker }) => {
    let runs = 0;
    startWorker(async () => void runs++);
    await raw.add(name, data, { attempts: 3 });
    await eventually(() => queues.counts('media'), { failed: 1, delayed: 0, waiting: 0 });
    expect(runs).toBe(0);
    expect((await raw.getFailed())[0]!.failedReason).toContain('bad payload');
  });

  test('a queue says how many more it takes; a waiting and a delayed job count, a failed and a running one do not', async ({
    queues,
    startWorker,
  }) => {
    const whole = await queues.room('media');
    expect(whole).toBeGreaterThan(100);
    await queues.enqueue([job(1n), job(2n), job(3n), job(4n)]);
    expect(await queues.room('media')).toBe(whole - 4);
    const [running, enough] = [signal(), signal()];
    startWorker(async ({ id }) => {
      if (id === 1n) throw new PermanentError('no');
      if (id === 2n) throw new RetryAfterError(60_000, 'flood wait');
      running.give();
      await enough.given;
    });
    await running.given;
    await eventually(() => queues.counts('media'), { waiting: 1, active: 1, delayed: 1, failed: 1 });
    expect(await queues.room('media')).toBe(whole - 2);
    await queues.enqueue(Array.from({ length: whole + 20 }, (_, at) => job(100n + BigInt(at))));
    expect(await queues.room('media')).toBe(0);
    expect(await queues.room('history')).toBe(whole);
    enough.give();
  });
});
