/** addresses.ts: where the data centres listen: known at first, then as help.getConfig says. Pure. */
import { Api } from 'telegram';
import type { ServerSettings } from '../config/index.js';
import type { Address } from './connection.js';

/** Telegram's production data centres, for the first connection. Source: core.telegram.org and GramJS's own list. */
const production: readonly Address[] = [
  [1, '149.154.175.53'],
  [2, '149.154.167.51'],
  [3, '149.154.175.100'],
  [4, '149.154.167.91'],
  [5, '91.108.56.130'],
].map(([dcId, host]) => ({ dcId: dcId as number, host: host as string, port: 443, mediaOnly: false }));

/** Where a login begins. */
export function firstAddresses(server: ServerSettings | undefined): { entryDc: number; addresses: Address[] } {
  if (!server) return { entryDc: 2, addresses: [...production] };
  return {
    entryDc: server.dc,
    addresses: [{ dcId: server.dc, host: server.host, port: server.port, mediaOnly: false }],
  };
}

/** The addresses that a server advertises, as far as we can use them: IPv4, no obfuscation secret. */
export function advertised(config: Api.Config): Address[] {
  return config.dcOptions
    .filter((it) => !it.ipv6 && !it.tcpoOnly && !it.secret)
    .map(({ id, ipAddress, port, mediaOnly = false, cdn }) => ({
      dcId: id,
      host: ipAddress,
      port,
      mediaOnly,
      ...(cdn && { cdn }),
    }));
}

/** Where to reach a data centre with calls. */
export function mainAddress(addresses: readonly Address[], dcId: number): Address | undefined {
  return addresses.find((it) => it.dcId === dcId && !it.mediaOnly && !it.cdn);
}

/** Where to reach a CDN data centre: with nothing but `upload.getCdnFile`. */
export function cdnAddress(addresses: readonly Address[], dcId: number): Address | undefined {
  return addresses.find((it) => it.dcId === dcId && it.cdn);
}

/** Where to download from a data centre: its media_only address where it has one. */
export function fileAddress(addresses: readonly Address[], dcId: number): Address | undefined {
  const mediaOnly = addresses.find((it) => it.dcId === dcId && it.mediaOnly && !it.cdn);
  return mediaOnly ?? mainAddress(addresses, dcId) ?? cdnAddress(addresses, dcId);
}
