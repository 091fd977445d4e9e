/** Where data centres are reached: calls never at a media_only address, files there where it is. */
import { Api } from 'telegram';
import { expect, test } from 'vitest';
import { advertised, cdnAddress, fileAddress, firstAddresses, mainAddress } from './addresses.js';

const option = (id: number, ipAddress: string, more: object = {}) =>
  new Api.DcOption({ id, ipAddress, port: 443, ...more });
const configOf = (...dcOptions: Api.DcOption[]) => ({ dcOptions }) as unknown as Api.Config;
const at = (dcId: number, host: string, mediaOnly = false, port = 443) => ({ dcId, host, port, mediaOnly });

test('a login begins at the production data centres', () => {
  const { entryDc, addresses } = firstAddresses(undefined);
  expect(addresses.map((it) => it.dcId)).toEqual([1, 2, 3, 4, 5]);
  expect(mainAddress(addresses, entryDc)).toEqual(at(2, '149.154.167.51'));
  expect(addresses.every((it) => !it.mediaOnly && it.port === 443 && /^[\d.]+$/.test(it.host))).toBe(true);
  addresses.pop();
  expect(firstAddresses(undefined).addresses).toHaveLength(5); // the list is the caller's own
});

test('or at the server that config.json names, and nowhere else', () => {
  const server = { dc: 3, host: '127.0.0.1', port: 10_443, public_key: '' };
  expect(firstAddresses(server)).toEqual({ entryDc: 3, addresses: [at(3, '127.0.0.1', false, 10_443)] });
});

test('of what a server advertises we take what we can use', () => {
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
  expect(advertised(config)).toEqual([at(1, '10.0.0.1'), at(2, '10.0.0.4', true, 5222), at(2, '10.0.0.5'), cdn]);
});

test('calls go to an ordinary address, files to a media_only one where there is one', () => {
  const addresses = [at(1, 'media', true), at(1, 'main'), at(1, 'other'), at(2, 'only'), at(3, 'files', true)];
  expect(mainAddress(addresses, 1)?.host).toBe('main');
  expect(fileAddress(addresses, 1)?.host).toBe('media');
  expect(fileAddress(addresses, 2)?.host).toBe('only');
  expect(mainAddress(addresses, 3)).toBeUndefined();
  expect(fileAddress(addresses, 3)?.host).toBe('files');
  expect(fileAddress(addresses, 4)).toBeUndefined();
});

test('a CDN is reached for files alone, and never stands in for another data centre', () => {
  const addresses = [{ ...at(203, 'cdn'), cdn: true }, { ...at(4, 'cdn'), cdn: true }, at(4, 'main')];
  expect(fileAddress(addresses, 203)?.host).toBe('cdn');
  expect(cdnAddress(addresses, 203)?.host).toBe('cdn');
  expect(mainAddress(addresses, 203)).toBeUndefined();
  expect(fileAddress(addresses, 4)?.host).toBe('main');
});
