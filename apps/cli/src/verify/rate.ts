/** rate.ts: how fast files may be read, so that a verification that takes days leaves the machine to others. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PersonError } from '@tgsync/shared/errors';

const factors: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `50M` is 50 MiB a second. Pure. */
export function parseRate(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?(?:\/s)?$/i.exec(text.trim()) ?? [];
  const rate = Number(digits) * (factors[unit?.toUpperCase() ?? ''] ?? NaN);
  if (rate >= 1) return rate;
  throw new PersonError(`--rate ${text}: bytes a second, such as 50M or 800K.`);
}

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
