/** bytes.ts: parses a size as people write it. Pure. */
import { z } from 'zod';

const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of "1 GiB", "500M", "2tb": units are always powers of 1024. undefined: not a size. */
export function bytesOf(text: string): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(text) ?? [];
  return digits === undefined ? undefined : Math.round(Number(digits) * units[unit!.toLowerCase()]!);
}

/** Bytes, as a number or as text: "500 MiB", "1GiB", "2 TB". */
export const bytesSchema = z
  .union([z.int().min(0), z.string()], { error: 'a size such as "1 GiB", or a number of bytes' })
  .transform((given, context) => {
    const size = typeof given === 'number' ? given : bytesOf(given);
    if (size !== undefined) return size;
    context.addIssue({ code: 'custom', message: 'a size such as "1 GiB", or a number of bytes' });
    return z.NEVER;
  });
