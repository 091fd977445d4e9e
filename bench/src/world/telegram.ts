/** telegram.ts: a benchmark's Telegram, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Arrived, Order, Served, WorldSpec } from './spec.js';

export interface BenchTelegram extends Served {
  child: ChildProcess;
  /** Every answer from now on is delayed by so many milliseconds, however many are on their way. */
  latency(ms: number): void;
  /** Resolves when the next call of a method arrives, with the time since the epoch in milliseconds. */
  nextCall(method: string): Promise<number>;
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
    async nextCall(method) {
      order({ awaitCall: method });
      const [{ at }] = (await once(child, 'message')) as [Arrived];
      return at;
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}
