/** planning.ts: the planner's heartbeat, until it is stopped. A tick that fails is told and tried again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tgsync/shared/app';
import type { Planner } from './planner.js';

const tickMs = 1000;
/** Each time that nothing was to be done the next look may be twice as late, up to so many milliseconds. */
const idleMs = 4000;

export interface Planning {
  stop(): Promise<void>;
}

/** `onSettled` is called after every tick that found nothing owed. */
export function startPlanning(
  { planner, log }: { planner: Planner; log: Logger },
  onSettled: () => Promise<void> = async () => {},
): Planning {
  const stopping = new AbortController();
  let told: string | undefined;
  let pauseMs = tickMs;
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const { settled } = await planner.tick(performance.now());
        told = undefined;
        pauseMs = settled ? Math.min(2 * pauseMs, idleMs) : tickMs;
        if (settled) await onSettled();
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== told) log.warn({ reason }, 'could not plan; trying again');
        told = reason;
      }
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
