/**
 * data-centres.ts: which data centres exist, and where each listens.
 */

/** The ids of all data centres that hold accounts. */
export const DATA_CENTRES: readonly number[] = [1, 2, 3, 4];

/** The data centre that clients connect to first. */
export const ENTRY_DC = 2;

/** The data centre that caches popular files. It holds no accounts and has its own RSA key. */
export const CDN_DC = 203;

/** Data centres with an extra `media_only` address: two, and never the account's home one. */
export const mediaDataCentres = (homeDc: number): number[] => [4, 1, 3].filter((dc) => dc !== homeDc).slice(0, 2);

/** One address, as `help.getConfig` advertises it. */
export interface Address {
  readonly dc: number;
  readonly mediaOnly: boolean;
  readonly ipv6?: true;
  /** Nothing answers there, but clients are told of it anyway. */
  readonly dead?: true;
  readonly host: string;
  readonly port: number;
}

/** The first live IPv4 address of a data centre. */
export function liveAddress(addresses: readonly Address[], dc: number, mediaOnly = false): Address {
  const found = addresses.find((it) => it.dc === dc && it.mediaOnly === mediaOnly && !it.dead && !it.ipv6);
  if (!found) throw new Error(`data centre ${dc} has no ${mediaOnly ? 'media_only ' : ''}address`);
  return found;
}
