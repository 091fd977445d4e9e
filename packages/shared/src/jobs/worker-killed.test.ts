/** A job whose worker was killed is taken by another one, and does not count as failed. This takes as long as a lock lasts. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { eventually, onEachBackend, stuckWorker } from '@tgsync/testing/backends';

onEachBackend(
  (test) => {
    test('killed without warning, it uses no attempt', async ({ settings, queues, raw, startWorker }) => {
      await queues.enqueue([{ name: 'download-media', payload: { kind: 'photo', id: 1n } }]);
      const worker = fork(stuckWorker, [JSON.stringify(settings)]);
      await once(worker, 'message');
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      expect(await queues.counts('media')).toMatchObject({ active: 1, failed: 0 });

      const runs: boolean[] = [];
      startWorker(async (_, { lastAttempt }) => void runs.push(lastAttempt));
      await eventually(() => raw.getCompletedCount(), 1);
      expect(runs).toEqual([false]);
      expect(await queues.counts('media')).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
      expect((await raw.getCompleted())[0]!.attemptsMade).toBe(1);
    });
  },
  { together: true },
);
