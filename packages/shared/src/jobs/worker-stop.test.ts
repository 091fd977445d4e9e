/** A shutdown is not the job's failure: the job finishes in time, or goes back to the queue unchanged. */
import { stopWorker } from '@tgsync/shared/jobs';
import { expect } from 'vitest';
import { eventually, job, onEachBackend, signal } from '@tgsync/testing/backends';

onEachBackend(
  (test) => {
    test('a shutdown returns the running job without using an attempt, for another worker', async ({
      queues,
      raw,
      startWorker,
    }) => {
      const running = signal();
      await queues.enqueue([job(1n)]);
      const first = startWorker(async (_, context) => {
        running.give();
        await new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => reject(new Error('the line was cut')), { once: true });
        });
      });
      await running.given;
      await stopWorker(first);
      expect(await queues.counts('media')).toEqual({ waiting: 1, active: 0, delayed: 0, failed: 0 });
      expect((await raw.getWaiting())[0]!.attemptsMade).toBe(0);

      const attempted: boolean[] = [];
      startWorker(async (_, { lastAttempt }) => void attempted.push(lastAttempt));
      await eventually(() => raw.getCompletedCount(), 1);
      expect(attempted).toEqual([false]);
      expect((await raw.getCompleted())[0]!.attemptsMade).toBe(1);
    });

    test('a shutdown lets a short job finish, and takes no other', async ({ queues, raw, startWorker }) => {
      const [running, enough] = [signal(), signal()];
      let aborted: boolean | undefined;
      await queues.enqueue([job(1n), job(2n)]);
      const worker = startWorker(async (_, context) => {
        running.give();
        await enough.given;
        aborted = context.signal.aborted;
      });
      await running.given;
      const stopping = stopWorker(worker);
      enough.give();
      await stopping;
      expect(aborted).toBe(false);
      expect(await raw.getCompletedCount()).toBe(1);
      expect(await queues.counts('media')).toMatchObject({ waiting: 1, active: 0 });
    });
  },
  { together: true },
);
