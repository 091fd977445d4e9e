/** planning.ts: the planner's heartbeat, until it is stopped. A tick that fails is told and tried again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tgsync/shared/app';
import type { Planner } from './planner.js';

const tickMs = 1000;
/** Somebody waits for the end of `--once`. A tick that takes long is not made more often. */
const hurriedTickMs = 200;

export interface Planning {
  stop(): Promise<void>;
}

/** Milliseconds until the next tick. Pure. */
export function pauseAfter(tookMs: number, isHurried: boolean): number {
  return isHurried ? Math.min(tickMs, Math.max(hurriedTickMs, tookMs * 4)) : tickMs;
}

/** `onSettled` is called after every tick that found nothing owed; `isHurried`: to find that out soon. */
export function startPlanning(
  { planner, log, isHurried = false }: { planner: Planner; log: Logger; isHurried?: boolean },
  onSettled: () => Promise<void> = async () => {},
): Planning {
  const stopping = new AbortController();
  let told: string | undefined;
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const began = performance.now();
      try {
        const { settled } = await planner.tick(performance.now());
        told = undefined;
        if (settled) await onSettled();
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== told) log.warn({ reason }, 'could not plan; trying again');
        told = reason;
      }
      await sleep(pauseAfter(performance.now() - began, isHurried), undefined, { signal: stopping.signal }).catch(
        () => {},
      );
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
