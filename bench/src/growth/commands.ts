/** commands.ts: how long do apps take to start, commands to answer and pages to load, and in how much memory? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { writeEnvironment } from '@tgsync/shared/config';
import { Fleet } from '@tgsync/testing/fleet';
import { usageOf, Watch } from '../usage.js';
import type { Growth } from './open.js';

const cli = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));

/** Runs a command of the command line. */
export async function measureCommand({ env }: Growth, ...args: string[]): Promise<void> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', cli, ...args], {
    env: { ...process.env, ...writeEnvironment(env) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let bytes = 0;
  child.stdout.on('data', (it: Buffer) => (bytes += it.length));
  const watch = new Watch(() => [['command', child.pid!] as const]);
  const [code] = (await once(child, 'exit')) as [number];
  const usage = watch.stop().get('command');
  line(
    `tgsync ${args.join(' ')}`,
    performance.now() - began,
    `exit code ${code}, ${bytes} bytes, ${usage?.peakMiB.toFixed(0)} MiB, ${usage?.cpuSeconds.toFixed(1)} s CPU`,
  );
}

/** Starts each app and waits until it works: the scheduler plans, a worker waits for a login or works. */
export async function measureStart({ env, port }: Growth): Promise<void> {
  const fleet = new Fleet(env);
  try {
    for (const app of ['scheduler', 'fetch-worker', 'media-worker'] as const) {
      const began = performance.now();
      const { pid } = fleet.start(app);
      const { msg } = await fleet.until(
        (it) => it.app === app && !['started', 'waiting for the database'].includes(it.msg),
      );
      const { cpuSeconds } = usageOf(pid!)!;
      line(`start of ${app}`, performance.now() - began, `${cpuSeconds.toFixed(2)} s CPU, until: ${msg}`);
    }
    for (const path of ['/healthz', '/readyz', '/', '/queues', '/queues/api/queues']) {
      const began = performance.now();
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      const { length } = await answer.text();
      line(`GET ${path}`, performance.now() - began, `${answer.status}, ${length} characters`);
    }
  } finally {
    await fleet.stop();
  }
}

function line(what: string, ms: number, more: string): void {
  console.log(`${what.padEnd(24)} ${ms.toFixed(0).padStart(7)} ms   ${more}`);
}
