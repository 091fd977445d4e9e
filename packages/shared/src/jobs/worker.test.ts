/** What becomes of a job: rescheduling uses no attempt, a failure uses one, a permanent error ends it. The same on both backends. */
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { expect } from 'vitest';
import { eventually, job, onEachBackend, signal } from '@tgsync/testing/backends';

const attempts = 5;
onEachBackend((test) => {
  test('rescheduling keeps the attempts, however often it happens', async ({ queues, raw, startWorker }) => {
    const last: boolean[] = [];
    await queues.enqueue([job(2n ** 62n)]);
    const ids = new Set<bigint>();
    startWorker(async ({ id }, { lastAttempt }) => {
      ids.add(id);
      last.push(lastAttempt);
      if (last.length <= attempts + 2) throw new RetryAfterError(last.length % 2, 'flood wait');
    });
    await eventually(() => raw.getCompletedCount(), 1);
    expect(last).toEqual(Array.from({ length: attempts + 3 }, () => false));
    expect([...ids]).toEqual([2n ** 62n]);
    expect((await raw.getCompleted())[0]!.attemptsMade).toBe(1);
  });

  test('a rescheduled job runs at its date', async ({ queues, startWorker }) => {
    const runs: number[] = [];
    const done = signal();
    await queues.enqueue([job(1n)]);
    startWorker(async () => {
      runs.push(Date.now());
      if (runs.length === 1) throw new RetryAfterError(700, 'flood wait');
      done.give();
    });
    await done.given;
    expect(runs[1]! - runs[0]!).toBeGreaterThanOrEqual(690);
  });

  test('a permanent error fails at once, with its reason', async ({ queues, raw, startWorker }) => {
    let runs = 0;
    await queues.enqueue([job(1n)]);
    startWorker(async () => {
      runs++;
      throw new PermanentError('gone in Telegram');
    });
    await eventually(() => queues.counts('media'), { failed: 1, waiting: 0, delayed: 0, active: 0 });
    expect(runs).toBe(1);
    expect((await raw.getFailed())[0]!.failedReason).toBe('gone in Telegram');
  });

  test('a failure is retried as often as the catalog says, and the last attempt knows that it is the last', async ({
    queues,
    raw,
    startWorker,
  }) => {
    const last: boolean[] = [];
    await queues.enqueue([job(1n)]);
    startWorker(async (_, { lastAttempt }) => {
      last.push(lastAttempt);
      throw new Error('truncated');
    });
    for (let attempt = 1; attempt < attempts; attempt++) {
      await eventually(() => queues.counts('media'), { delayed: 1 });
      expect(last).toHaveLength(attempt); // it waits before it is retried
      await (await raw.getDelayed())[0]!.promote();
    }
    await eventually(() => queues.counts('media'), { failed: 1, delayed: 0 });
    expect(last).toEqual([false, false, false, false, true]);
  });

  test('a note or progress that the queue refuses does not fail the work', async ({ queues, raw, startWorker }) => {
    await queues.enqueue([job(1n)]);
    let ended = false;
    startWorker(async (_, context) => {
      const [active] = await raw.getActive();
      await queues.connection.discard(raw, active!.id!); // as if the queue were lost
      await context.note('saved');
      await context.progress({ bytes: 5, total: 10 });
      ended = true;
    });
    await eventually(async () => Number(ended), 1);
  });

  test('progress and notes are on the job', async ({ queues, raw, startWorker }) => {
    await queues.enqueue([job(1n)]);
    startWorker(async (_, context) => {
      await context.progress({ bytes: 5, total: 10 });
      await context.note('asking for a fresh reference');
    });
    await eventually(() => raw.getCompletedCount(), 1);
    const [done] = await raw.getCompleted();
    expect(done!.progress).toEqual({ bytes: 5, total: 10 });
    expect((await raw.getJobLogs(done!.id!)).logs).toEqual(['asking for a fresh reference']);
  });

  test('no more jobs run at once than allowed', async ({ queues, raw, startWorker }) => {
    let [now, most] = [0, 0];
    const full = signal();
    await queues.enqueue(Array.from({ length: 12 }, (_, at) => job(BigInt(at + 1))));
    startWorker(async () => {
      most = Math.max(most, ++now);
      if (now === 3) full.give();
      await full.given;
      now--;
    }, 3);
    await eventually(() => raw.getCompletedCount(), 12);
    expect(most).toBe(3);
  });
});
