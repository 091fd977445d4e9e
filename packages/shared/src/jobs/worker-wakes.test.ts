/** An idle worker looks for jobs once a minute, but a new job starts within a second, as it is woken. The same on both backends. */
import { once } from 'node:events';
import { RetryAfterError } from '@tgsync/shared/errors';
import { openQueues } from '@tgsync/shared/jobs';
import { job, onEachBackend, signal } from '@tgsync/testing/backends';
import { expect } from 'vitest';

/** On a busy machine one may be late for other reasons. Unwoken, each would be late. */
const tries = 3;

onEachBackend((test) => {
  test('a job that another process adds starts within a second', async ({ settings, startWorker }) => {
    const others = await openQueues(settings, () => {});
    let started = signal();
    const { run } = startWorker(async () => started.give());
    const delays: number[] = [];
    for (let id = 1; id <= tries; id++) {
      if (id > 1) await once(run, 'drained'); // it found nothing more, and waits
      started = signal();
      const added = performance.now();
      await others.enqueue([job(BigInt(id))]);
      await started.given;
      delays.push(performance.now() - added);
    }
    expect(Math.min(...delays.slice(1))).toBeLessThan(1000);
    await others.close();
  });

  test('a job that was rescheduled starts within a second of its date', async ({ queues, startWorker }) => {
    const waitMs = 500;
    const delays: number[] = [];
    const done = signal();
    let rescheduled: number | undefined;
    startWorker(async ({ id }) => {
      if (rescheduled === undefined) {
        rescheduled = performance.now();
        throw new RetryAfterError(waitMs, 'flood wait');
      }
      delays.push(performance.now() - rescheduled - waitMs);
      rescheduled = undefined;
      if (id < BigInt(tries)) await queues.enqueue([job(id + 1n)]);
      else done.give();
    });
    await queues.enqueue([job(1n)]);
    await done.given;
    expect(Math.min(...delays)).toBeLessThan(1000);
  });
});
