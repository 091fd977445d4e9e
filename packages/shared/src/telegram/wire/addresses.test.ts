/** Where data centres are reached: calls never at a media_only address, files there if there is one. */
import { expect, test } from 'vitest';
import { Api } from './gramjs.js';
import { advertised, cdnAddresses, fileAddresses, firstAddresses, mainAddresses } from './addresses.js';

const option = (id: number, ipAddress: string, more: object = {}) =>
  new Api.DcOption({ id, ipAddress, port: 443, ...more });
const configOf = (...dcOptions: Api.DcOption[]) => ({ dcOptions }) as unknown as Api.Config;
const at = (dcId: number, host: string, mediaOnly = false, port = 443) => ({ dcId, host, port, mediaOnly });

test('a login starts at the production data centres', () => {
  const { entryDc, addresses } = firstAddresses(undefined);
  expect(addresses.map((it) => it.dcId)).toEqual([1, 2, 3, 4, 5]);
  expect(mainAddresses(addresses, entryDc)).toEqual([at(2, '149.154.167.51')]);
  expect(addresses.every((it) => !it.mediaOnly && it.port === 443 && /^[\d.]+$/.test(it.host))).toBe(true);
  addresses.pop();
  expect(firstAddresses(undefined).addresses).toHaveLength(5); // the caller gets a list of its own
});

test('or at the server in config.json, and nowhere else', () => {
  const server = { dc: 3, host: '127.0.0.1', port: 10_443, public_key: '' };
  expect(firstAddresses(server)).toEqual({ entryDc: 3, addresses: [at(3, '127.0.0.1', false, 10_443)] });
});

test('of the advertised addresses, those we can use are taken', () => {
  const config = configOf(
    option(1, '10.0.0.1'),
    option(1, '2001:db8::1', { ipv6: true }),
    option(1, '10.0.0.2', { tcpoOnly: true }),
    option(1, '10.0.0.3', { secret: Buffer.from('dd', 'hex') }),
    option(2, '10.0.0.4', { mediaOnly: true, port: 5222 }),
    option(2, '10.0.0.5', { static: true }),
    option(203, '10.0.0.6', { cdn: true }),
  );
  const cdn = { ...at(203, '10.0.0.6'), cdn: true };
  expect(advertised(config)).toEqual([
    at(1, '10.0.0.1'),
    at(1, '2001:db8::1'),
    at(2, '10.0.0.4', true, 5222),
    at(2, '10.0.0.5'),
    cdn,
  ]);
});

const hosts = (found: readonly { host: string }[]) => found.map((it) => it.host);

test('calls use ordinary addresses, files media_only ones first; IPv6 comes last', () => {
  const addresses = [
    at(1, 'a::1', true),
    at(1, 'media', true),
    at(1, 'a::2'),
    at(1, 'main'),
    at(1, 'other'),
    at(1, 'main'),
    at(2, 'only'),
    at(3, 'files', true),
  ];
  expect(hosts(mainAddresses(addresses, 1))).toEqual(['main', 'other', 'a::2']);
  expect(hosts(fileAddresses(addresses, 1))).toEqual(['media', 'main', 'other', 'a::1', 'a::2']);
  expect(hosts(fileAddresses(addresses, 2))).toEqual(['only']);
  expect(mainAddresses(addresses, 3)).toEqual([]);
  expect(hosts(fileAddresses(addresses, 3))).toEqual(['files']);
  expect(fileAddresses(addresses, 4)).toEqual([]);
});

test('a CDN is used for files only, and never replaces another data centre', () => {
  const addresses = [{ ...at(203, 'cdn'), cdn: true }, { ...at(4, 'cdn'), cdn: true }, at(4, 'main')];
  expect(hosts(fileAddresses(addresses, 203))).toEqual(['cdn']);
  expect(hosts(cdnAddresses(addresses, 203))).toEqual(['cdn']);
  expect(mainAddresses(addresses, 203)).toEqual([]);
  expect(hosts(fileAddresses(addresses, 4))).toEqual(['main']);
});
