/** telegram.ts: a benchmark's Telegram, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FirstFile, Order, Served, WorldSpec } from './spec.js';

export interface BenchTelegram extends Served {
  child: ChildProcess;
  /** Every answer from now on is delayed by so many milliseconds, however many are on their way. */
  latency(ms: number): void;
  /** Resolves at the next request for a file, with the time since the epoch in milliseconds. */
  firstFile(): Promise<number>;
  stop(): void;
}

/** Every file part counts as external memory, for which V8 would mark the whole world over and over: a third of the CPU time. */
const usualFlags = ['--no-incremental-marking'];

/** Resolves once it accepts logins. `flags` are Node's, such as `--cpu-prof`. */
export async function startTelegram(spec: WorldSpec, flags: string[] = []): Promise<BenchTelegram> {
  const child = fork(fileURLToPath(new URL('./serve.js', import.meta.url)), [JSON.stringify(spec)], {
    execArgv: [...usualFlags, ...flags],
  });
  const order = (it: Order) => child.send(it);
  const [served] = (await once(child, 'message')) as [Served];
  return {
    ...served,
    child,
    latency: (ms) => order({ latency: ms }),
    async firstFile() {
      order({ awaitFile: true });
      const [{ firstFile }] = (await once(child, 'message')) as [FirstFile];
      return firstFile;
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}
