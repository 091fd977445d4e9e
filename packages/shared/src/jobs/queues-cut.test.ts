/** queues-cut.test.ts: a worker that starts while its queue does not answer takes jobs as soon as it can, and can be stopped. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { Cable } from '@tgsync/testing/cable';
import { job, lateWorker, onEachBackend } from '@tgsync/testing/backends';

const settingOf = { postgres: 'databaseUrl', redis: 'redisUrl' } as const;

async function saysTrouble(worker: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: worker.stdout! })) if (line.includes('queue error')) return;
}

onEachBackend((test) => {
  test(
    'cut off when it begins, a worker takes jobs after the line is mended, and stops when told',
    { timeout: 60_000 },
    async ({ settings, queues }) => {
      const setting = settingOf[queues.connection.backend];
      const url = new URL(settings[setting]!);
      const cable = await Cable.to(Number(url.port));
      url.port = String(cable.port);
      const worker = fork(lateWorker, [JSON.stringify({ ...settings, [setting]: url.href })], { silent: true });
      try {
        const exit = once(worker, 'exit');
        await once(worker, 'message');
        cable.cut();
        worker.send('begin');
        await saysTrouble(worker);
        cable.restore();
        await queues.enqueue([job(1n)]);
        await once(worker, 'message');
        worker.kill('SIGTERM');
        expect((await exit)[0]).toBe(0);
      } finally {
        worker.kill('SIGKILL');
        await cable.close();
      }
    },
  );
});
