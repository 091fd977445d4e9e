/** A data centre can be unavailable in four ways, until it is back; the others keep working. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Api } from 'telegram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { liveAddress } from './data-centres.js';
import { gramJs, logIn } from './gramjs-client.js';
import { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import { World } from './world/world.js';

let emulator: Emulator;
let home: RawClient;
let away: RawClient;
beforeEach(async () => {
  emulator = await startEmulator({ world: new World() });
  home = await login(emulator);
  const { id, bytes } = await home.call({ _: 'auth.exportAuthorization', dc_id: 4 });
  away = await RawClient.withKey(emulator, { dc: 4 });
  await away.call({ _: 'auth.importAuthorization', id, bytes });
});
afterEach(() => emulator.close());

const CONFIG: TlObject = { _: 'help.getConfig' };
const NEAREST: TlObject = { _: 'help.getNearestDc' };
const config = (dc: number): object => ({ _: 'config', this_dc: dc });

test.each([undefined, /getConfig/])('every call times out, or only those of one method: %s', async (method) => {
  const back = emulator.outage({ dc: 4, how: 'times-out', ...(method && { method }) });
  const timeout = { _: 'rpc_error', error_code: -503, error_message: 'Timeout' };
  expect(await away.call(CONFIG)).toEqual(timeout);
  expect(await away.call(NEAREST)).toMatchObject(method ? { _: 'nearestDc' } : timeout);
  expect(await home.call(CONFIG)).toMatchObject(config(2));
  await back();
  expect(await away.call(CONFIG)).toMatchObject(config(4));
});

test('connections are cut and refused, and afterwards the same port works again', async () => {
  const { host, port } = liveAddress(emulator.addresses, 4);
  const back = emulator.outage({ dc: 4, how: 'refuses' });
  await away.ended;
  const [error] = (await once(connect(port, host), 'error').catch((it: unknown) => [it])) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
  expect(await home.call(CONFIG)).toMatchObject(config(2));
  await back();
  const again = await RawClient.withKey(emulator, { dc: 4 }, away.key);
  expect(await again.call(CONFIG)).toMatchObject(config(4));
  await back(); // ending it twice is harmless
});

test('connections are accepted, then cut', async () => {
  const back = emulator.cutOff(4);
  await away.ended;
  const cut = await RawClient.connect(emulator, { dc: 4 });
  expect(await cut.ended).toBe(undefined);
  await back();
  expect(await (await RawClient.withKey(emulator, { dc: 4 })).call(CONFIG)).toMatchObject(config(4));
});

test('connections are accepted and stay open, but nothing is sent', async () => {
  const back = emulator.outage({ dc: 4, how: 'silent' });
  const unanswered = away.answer(away.send(CONFIG)).then(String, String);
  const fresh = await RawClient.connect(emulator, { dc: 4 });
  const keyless = fresh.plain({ _: 'req_pq_multi', nonce: Buffer.alloc(16) }).then(String, String);
  // Anything it had to say would have arrived before these answers of another data centre.
  for (let times = 0; times < 3; times++) expect(await home.call(CONFIG)).toMatchObject(config(2));
  expect(away.socket.destroyed || fresh.socket.destroyed).toBe(false);
  await back();
  expect(await Promise.all([unanswered, keyless])).toEqual(Array(2).fill('Error: transport error undefined'));
  const again = await RawClient.withKey(emulator, { dc: 4 }, away.key);
  expect(await again.call(CONFIG)).toMatchObject(config(4));
});

test('only one kind of address is unavailable, or the one at a given port', async () => {
  const media = liveAddress(emulator.addresses, 4, true);
  const there = await RawClient.connect(emulator, { dc: 4, mediaOnly: true });
  emulator.outage({ dc: 4, mediaOnly: true, how: 'refuses' });
  await there.ended;
  expect(await away.call(CONFIG)).toMatchObject(config(4));
  await expect(RawClient.connect(emulator, { at: media })).rejects.toThrow('ECONNREFUSED');
  emulator.outage({ port: liveAddress(emulator.addresses, 4).port, how: 'cuts' });
  await away.ended;
  expect(() => emulator.outage({ port: media.port, how: 'times-out' })).toThrow('port is not possible');
  expect(() => emulator.outage({ method: 'a', how: 'cuts' })).toThrow('times-out');
});

test('overlapping outages end one by one', async () => {
  const [one, two] = [emulator.outage({ dc: 4, how: 'refuses' }), emulator.outage({ dc: 4, how: 'refuses' })];
  await one();
  await expect(RawClient.connect(emulator, { dc: 4 })).rejects.toThrow('ECONNREFUSED');
  await two();
  expect(await (await RawClient.withKey(emulator, { dc: 4 })).call(CONFIG)).toMatchObject(config(4));
});

test('stock GramJS waits for its home data centre to come back', async () => {
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    const slow = emulator.outage({ dc: 2, how: 'times-out' });
    await expect(stock.invoke(new Api.help.GetNearestDc())).rejects.toThrow('Timeout');
    await slow();
    const back = emulator.outage({ dc: 2, how: 'refuses' });
    await back();
    expect(await stock.invoke(new Api.help.GetNearestDc())).toBeInstanceOf(Api.NearestDc);
  } finally {
    await stock.destroy();
  }
});
