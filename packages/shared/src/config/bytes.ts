/** bytes.ts: parses a size as people write it. Pure. */

const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of "1 GiB", "500M", "2tb": units are always powers of 1024. undefined: not a size. */
export function bytesOf(text: string): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(text) ?? [];
  return digits === undefined ? undefined : Math.round(Number(digits) * units[unit!.toLowerCase()]!);
}
