/**
 * data-centres.ts: which data centres there are, and where each listens.
 */

/** The ids of all data centres that know accounts. */
export const DATA_CENTRES: readonly number[] = [1, 2, 3, 4];

/** The data centre that a client knows before it knows anything. */
export const ENTRY_DC = 2;

/** The data centre that keeps copies of popular files, knows no account and has an RSA key of its own. */
export const CDN_DC = 203;

/** Data centres with an extra `media_only` address: two, and never the account's home one. */
export const mediaDataCentres = (homeDc: number): number[] => [4, 1, 3].filter((dc) => dc !== homeDc).slice(0, 2);

/** One address, as `help.getConfig` advertises it. */
export interface Address {
  readonly dc: number;
  readonly mediaOnly: boolean;
  readonly ipv6?: true;
  /** Nobody is there; clients are told of it all the same. */
  readonly dead?: true;
  readonly host: string;
  readonly port: number;
}

/** The first address of a data centre where somebody is, by IPv4. */
export function livingAddress(addresses: readonly Address[], dc: number, mediaOnly = false): Address {
  const found = addresses.find((it) => it.dc === dc && it.mediaOnly === mediaOnly && !it.dead && !it.ipv6);
  if (!found) throw new Error(`data centre ${dc} has no ${mediaOnly ? 'media_only ' : ''}address`);
  return found;
}
