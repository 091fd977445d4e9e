/** rate.ts: parses `--rate` as people write it. Pure. */
import { PersonError } from '@tgsync/shared/errors';

const factors: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Bytes per second: `50M` is 50 MiB. Throws a PersonError for anything else. */
export function parseRate(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?(?:\/s)?$/i.exec(text.trim()) ?? [];
  const rate = Number(digits) * (factors[unit?.toUpperCase() ?? ''] ?? NaN);
  if (rate >= 1) return rate;
  throw new PersonError(`--rate ${text}: expected bytes per second, such as 50M or 800K.`);
}
