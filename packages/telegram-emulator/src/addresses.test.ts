/** A data centre has several addresses. Clients are told all of them, and some are dead. */
import { networkInterfaces } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import type { ExtraAddress } from './addresses.js';
import { liveAddress } from './data-centres.js';
import { mtcute } from './mtcute-client.js';
import { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import { World } from './world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());
const start = async (...moreAddresses: ExtraAddress[]): Promise<Emulator> =>
  (emulator = await startEmulator({ world: new World(), moreAddresses }));

const ipv6 = Object.values(networkInterfaces()).some((it) => it?.some(({ address }) => address === '::1'));

const options = async (): Promise<TlObject[]> => {
  const client = await RawClient.withKey(emulator);
  return (await client.call({ _: 'help.getConfig' }))['dc_options'] as TlObject[];
};
const at = ({ ip_address, port }: TlObject): { host: string; port: number } => ({
  host: ip_address as string,
  port: port as number,
});

test('addresses are advertised in order, and each answers for its data centre', async () => {
  await start({ dc: 4, first: true }, { dc: 4 }, { dc: 4, mediaOnly: true });
  const advertised = await options();
  expect(advertised).toHaveLength(10);
  expect(advertised[0]).toMatchObject({ id: 4 });
  expect(advertised.at(-1)).toMatchObject({ id: 4, media_only: true });
  const fours = advertised.filter((it) => it['id'] === 4);
  expect(fours.map((it) => it['media_only'] ?? false)).toEqual([false, false, true, false, true]);
  expect(new Set(fours.map((it) => it['port'])).size).toBe(5);
  for (const it of fours) {
    const client = await RawClient.withKey(emulator, { dc: 4, at: at(it) });
    expect(await client.call({ _: 'help.getConfig' })).toMatchObject({ this_dc: 4 });
  }
});

test.runIf(ipv6)('an IPv6 address is marked as such, and answers', async () => {
  await start({ dc: 2, ipv6: true, first: true });
  const [first] = (await options()) as [TlObject];
  expect(first).toMatchObject({ id: 2, ipv6: true, ip_address: '0000:0000:0000:0000:0000:0000:0000:0001' });
  const client = await login(emulator, { at: at(first) });
  expect(await client.call({ _: 'updates.getState' })).toMatchObject({ _: 'updates.state' });
  expect(emulator.server.port).toBe(liveAddress(emulator.addresses, 2).port);
});

test('dead addresses are advertised like live ones, and each fails in its own way', async () => {
  const ways = ['refuses', 'cuts', 'silent', 'unroutable'] as const;
  await start(...ways.map((dead) => ({ dc: 4, mediaOnly: true, dead, first: true })));
  const [refuses, cuts, silent, unroutable] = (await options()).map(at);
  await expect(RawClient.connect(emulator, { at: refuses! })).rejects.toThrow('ECONNREFUSED');
  expect(await (await RawClient.connect(emulator, { at: cuts! })).ended).toBe(undefined);
  const mute = await RawClient.connect(emulator, { at: silent! });
  void mute.plain({ _: 'req_pq_multi', nonce: Buffer.alloc(16) }).catch(() => {});
  const living = await RawClient.withKey(emulator, { dc: 4, mediaOnly: true });
  expect(await living.call({ _: 'help.getConfig' })).toMatchObject({ this_dc: 4 });
  expect([mute.socket.destroyed, mute.socket.bytesRead]).toEqual([false, 0]);
  mute.close();
  expect(unroutable).toEqual({ host: '192.0.2.1', port: 443 });
  expect(emulator.addresses.filter((it) => it.dead)).toHaveLength(4);
});

test('an unroutable IPv6 address needs no IPv6 on this machine', async () => {
  await start({ dc: 1, ipv6: true, dead: 'unroutable' });
  const last = (await options()).at(-1);
  expect(last).toMatchObject({ id: 1, ipv6: true, ip_address: '2001:0db8:0000:0000:0000:0000:0000:0001' });
});

test('stock mtcute downloads when one address is dead', async () => {
  await start({ dc: 4, dead: 'unroutable' }, { dc: 4, ipv6: true });
  const { world } = emulator;
  const document = world.addDocument({ dc: 4, size: 100_000 });
  world.addChannel({ title: 'cats' }).addMessage({ document });
  const client = await mtcute(emulator);
  try {
    await client.start({ phone: '+10000000001', code: () => '12345', codeSentCallback: () => {} });
    for await (const { peer } of client.iterDialogs())
      for await (const { media } of client.iterHistory(peer.id))
        if (media?.type === 'document') expect(await client.downloadAsBuffer(media)).toHaveLength(100_000);
    expect(emulator.counters().callsByDc['upload.getFile']).toHaveProperty('4');
  } finally {
    await client.destroy();
  }
}, 60_000);
