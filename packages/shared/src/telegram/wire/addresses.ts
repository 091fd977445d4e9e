/** addresses.ts: where the data centres listen: built-in at first, then as advertised by help.getConfig. Pure. */
import { Api } from './gramjs.js';
import type { ServerSettings } from '../../config/index.js';
import type { Address } from './connection.js';

/** Telegram's production data centres, for the first connection. Source: core.telegram.org and GramJS's own list. */
const production: readonly Address[] = [
  [1, '149.154.175.53'],
  [2, '149.154.167.51'],
  [3, '149.154.175.100'],
  [4, '149.154.167.91'],
  [5, '91.108.56.130'],
].map(([dcId, host]) => ({ dcId: dcId as number, host: host as string, port: 443, mediaOnly: false }));

/** Where a login starts. */
export function firstAddresses(server: ServerSettings | undefined): { entryDc: number; addresses: Address[] } {
  if (!server) return { entryDc: 2, addresses: [...production] };
  return {
    entryDc: server.dc,
    addresses: [{ dcId: server.dc, host: server.host, port: server.port, mediaOnly: false }],
  };
}

/** The advertised addresses that we can use: those without an obfuscation secret. */
export function advertised(config: Api.Config): Address[] {
  return config.dcOptions
    .filter((it) => !it.tcpoOnly && !it.secret)
    .map(({ id, ipAddress, port, mediaOnly = false, cdn }) => ({
      dcId: id,
      host: ipAddress,
      port,
      mediaOnly,
      ...(cdn && { cdn }),
    }));
}

/** Where to reach a data centre with calls, in order of preference. */
export function mainAddresses(addresses: readonly Address[], dcId: number): Address[] {
  return inOrder(addresses, dcId, (it) => !it.mediaOnly && !it.cdn);
}

/** Where to reach a CDN data centre, which answers only `upload.getCdnFile`. */
export function cdnAddresses(addresses: readonly Address[], dcId: number): Address[] {
  return inOrder(addresses, dcId, (it) => it.cdn === true);
}

/** Where to download from a data centre: its media_only addresses come first. */
export function fileAddresses(addresses: readonly Address[], dcId: number): Address[] {
  const found = inOrder(addresses, dcId, (it) => !it.cdn).sort((a, b) => rank(a) - rank(b));
  return found.length > 0 ? found : cdnAddresses(addresses, dcId);
}

function rank(it: Address): number {
  return (isIpv6(it) ? 2 : 0) + (it.mediaOnly ? 0 : 1);
}

/** Each address once; those of IPv6 only if there is none of IPv4. */
function inOrder(addresses: readonly Address[], dcId: number, isMeant: (it: Address) => boolean): Address[] {
  const found = new Map(
    addresses.filter((it) => it.dcId === dcId && isMeant(it)).map((it) => [`${it.host} ${it.port}`, it]),
  );
  return [...found.values()].sort((a, b) => Number(isIpv6(a)) - Number(isIpv6(b)));
}

function isIpv6({ host }: Address): boolean {
  return host.includes(':');
}
