/** pace.ts: limits how fast files are read, so that a verification that takes days leaves the machine usable. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Returns a function that takes a number of bytes and waits as long as the rate demands. Unused time is not saved up. */
export function paced(rate: number, signal: AbortSignal): (bytes: number) => Promise<void> {
  let free = -Infinity;
  return async (bytes) => {
    if (rate === Infinity) return;
    const now = performance.now();
    free = Math.max(free, now) + (bytes / rate) * 1000;
    if (free - now > 10) await sleep(free - now, undefined, { signal });
  };
}
