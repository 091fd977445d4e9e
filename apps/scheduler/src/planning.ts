/** planning.ts: runs the planner's ticks until it is stopped. A failed tick is logged and retried. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tgsync/shared/app';
import type { Planner } from './planner.js';

const tickMs = 1000;
/** Each time there was nothing to do the interval doubles, up to this many milliseconds. */
const idleMs = 4000;
/** Someone is waiting for `--once` to end. A slow tick is not repeated more often. */
const hurriedTickMs = 200;

export interface Planning {
  stop(): Promise<void>;
}

export interface Tick {
  tookMs: number;
  /** How many ticks in a row, including this one, found nothing to do. */
  idle: number;
}

/** Milliseconds until the next tick. Pure. */
export function pauseAfter({ tookMs, idle }: Tick, isHurried: boolean): number {
  if (isHurried) return Math.min(tickMs, Math.max(hurriedTickMs, tookMs * 4));
  return Math.min(idleMs, tickMs * 2 ** Math.min(idle, 10));
}

/** `onSettled` is called after every tick that found nothing owed; `isHurried`: find that out quickly. */
export function startPlanning(
  { planner, log, isHurried = false }: { planner: Planner; log: Logger; isHurried?: boolean },
  onSettled: () => Promise<void> = async () => {},
): Planning {
  const stopping = new AbortController();
  let told: string | undefined;
  let idle = 0;
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const began = performance.now();
      try {
        const { settled } = await planner.tick(performance.now());
        told = undefined;
        idle = settled ? idle + 1 : 0;
        if (settled) await onSettled();
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== told) log.warn({ reason }, 'planning failed; retrying');
        told = reason;
      }
      const pauseMs = pauseAfter({ tookMs: performance.now() - began, idle }, isHurried);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
