/** pace.ts: how fast files may be read, so that a verification that takes days leaves the machine to others. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Returns a function that is told of bytes and waits until they keep to the rate. What was not used is not saved up. */
export function paced(rate: number, signal: AbortSignal): (bytes: number) => Promise<void> {
  let free = -Infinity;
  return async (bytes) => {
    if (rate === Infinity) return;
    const now = performance.now();
    free = Math.max(free, now) + (bytes / rate) * 1000;
    if (free - now > 10) await sleep(free - now, undefined, { signal });
  };
}
