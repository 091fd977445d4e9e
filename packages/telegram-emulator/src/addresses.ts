/**
 * addresses.ts: where the data centres listen, and which addresses clients are told, in which order. A data centre may
 * have several, some of them dead.
 */
import { networkInterfaces } from 'node:os';
import type { Endpoint } from './connection.js';
import { type Address, CDN_DC, DATA_CENTRES, mediaDataCentres } from './data-centres.js';
import { type FailureMode, somePort } from './listener.js';
import type { Listeners } from './listeners.js';

/** An additional address of a data centre. */
export interface ExtraAddress {
  readonly dc: number;
  readonly mediaOnly?: boolean;
  /** At ::1; left out on a machine without IPv6. */
  readonly ipv6?: boolean;
  /** Dead for good: either a listening address that misbehaves, or `unroutable`, which never sends a packet back. */
  readonly dead?: FailureMode | 'unroutable';
  /** Advertised before the ordinary addresses; by default after them. */
  readonly first?: boolean;
}

interface Where {
  readonly homeDc: number;
  readonly host: string;
  readonly advertise: string;
  readonly ports: readonly number[];
  readonly more: readonly ExtraAddress[];
}

/** Listens at all addresses; returns what clients are told. */
export async function listenEverywhere(listeners: Listeners, where: Where): Promise<Address[]> {
  const { homeDc, host, advertise, ports, more } = where;
  const endpoints: Endpoint[] = [
    ...DATA_CENTRES.map((dc) => ({ dc, mediaOnly: false })),
    ...mediaDataCentres(homeDc).map((dc) => ({ dc, mediaOnly: true })),
    { dc: CDN_DC, mediaOnly: false },
  ];
  const ordinary: Address[] = [];
  for (const [index, endpoint] of endpoints.entries())
    ordinary.push({ ...endpoint, host: advertise, port: await listeners.listen(endpoint, host, ports[index] ?? 0) });
  const extra: { first: boolean; address: Address }[] = [];
  for (const it of more.filter(({ ipv6, dead }) => !ipv6 || dead === 'unroutable' || hasIpv6()))
    extra.push({ first: it.first ?? false, address: await listenOnce(listeners, it, host, advertise) });
  const advertised = (first: boolean): Address[] => extra.filter((it) => it.first === first).map((it) => it.address);
  return [...advertised(true), ...ordinary, ...advertised(false)];
}

async function listenOnce(
  listeners: Listeners,
  { dc, mediaOnly = false, ipv6 = false, dead }: ExtraAddress,
  host: string,
  advertise: string,
): Promise<Address> {
  const endpoint = { dc, mediaOnly };
  const more = { ...(ipv6 && { ipv6: true as const }), ...(dead && { dead: true as const }) };
  // Addresses reserved for documentation, so nobody has them (RFC 5737 and 3849).
  if (dead === 'unroutable')
    return { ...endpoint, ...more, host: ipv6 ? longIpv6('2001:db8::', 1) : '192.0.2.1', port: 443 };
  const advertised = ipv6 ? longIpv6('::', 1) : advertise;
  if (dead === 'refuses') return { ...endpoint, ...more, host: advertised, port: somePort() };
  const port = await listeners.listen(endpoint, ipv6 ? '::1' : host, 0);
  if (dead) listeners.takeDown({ port }, dead);
  return { ...endpoint, ...more, host: advertised, port };
}

const hasIpv6 = (): boolean =>
  Object.values(networkInterfaces()).some((it) => it?.some(({ address }) => address === '::1'));

/** As Telegram writes them: eight groups of four digits. */
function longIpv6(start: string, last: number): string {
  const groups = start.split(':').filter((it) => it !== '');
  const all = [...groups, ...Array<string>(7 - groups.length).fill('0'), last.toString(16)];
  return all.map((it) => it.padStart(4, '0')).join(':');
}
