/** planning.ts: the planner's heartbeat, until it is stopped. A tick that fails is told and tried again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@tgsync/shared/app';
import type { Db } from '@tgsync/shared/db';
import type { Planner } from './planner.js';

const tickMs = 1000;

export interface Planning {
  stop(): Promise<void>;
}

/** `onSettled` is called after every tick that found nothing owed. */
export function startPlanning(
  { db, planner, log }: { db: Db; planner: Planner; log: Logger },
  onSettled: () => Promise<void> = async () => {},
): Planning {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const [{ now }] = (await db.$queryRaw`SELECT now() AS now`) as [{ now: Date }];
        const { settled } = await planner.tick(performance.now(), now);
        if (settled) await onSettled();
      } catch (error) {
        log.warn({ reason: (error as Error).message }, 'could not plan; trying again');
      }
      await sleep(tickMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
