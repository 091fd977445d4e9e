import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import { World } from './world/world.js';

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ world: new World() });
});
afterEach(() => emulator.close());

const GET_STATE: TlObject = { _: 'updates.getState' };
const DUPLICATED = { _: 'rpc_error', error_code: 406, error_message: 'AUTH_KEY_DUPLICATED' };

/** Another connection with the same key. */
const secondConnection = async (client: RawClient, where = {}): Promise<RawClient> =>
  Object.assign(await RawClient.withKey(emulator, where, client.key), { initialised: true });

test('two connections in turn end the login, for both and for good', async () => {
  const a = await login(emulator);
  const b = await secondConnection(a);
  await a.call(GET_STATE);
  expect(await b.call(GET_STATE)).toMatchObject({ _: 'updates.state' });
  expect(await a.call(GET_STATE)).toMatchObject(DUPLICATED);
  expect(await b.call(GET_STATE)).toMatchObject(DUPLICATED);
  const later = await secondConnection(a);
  expect(await later.call(GET_STATE)).toMatchObject(DUPLICATED);
  expect(emulator.counters().sessionRuleViolations).toBe(1);
});

test('reconnecting is fine, however often', async () => {
  let client = await login(emulator);
  for (let times = 0; times < 5; times++) {
    expect(await client.call(GET_STATE)).toMatchObject({ _: 'updates.state' });
    const next = await secondConnection(client);
    if (times % 2 === 0) client.close();
    client = next;
  }
  expect(await client.call(GET_STATE)).toMatchObject({ _: 'updates.state' });
  expect(emulator.counters().sessionRuleViolations).toBe(0);
});

test('files, pings, acks and connection set-up do not count', async () => {
  const a = await login(emulator);
  const b = await secondConnection(a);
  const location = {
    _: 'inputDocumentFileLocation',
    id: 1n,
    access_hash: 1n,
    file_reference: Buffer.alloc(0),
    thumb_size: '',
  };
  const getFile = { _: 'upload.getFile', location, offset: 0n, limit: 4096 };
  for (let times = 0; times < 3; times++) {
    expect(await a.call(GET_STATE)).toMatchObject({ _: 'updates.state' });
    expect(await b.call(getFile)).toMatchObject({ _: 'rpc_error', error_code: 400 });
    expect(await b.call({ _: 'help.getConfig' })).toMatchObject({ _: 'config' });
    b.service({ _: 'ping', ping_id: 3n });
    await b.nextNamed('pong');
  }
  expect(emulator.counters().sessionRuleViolations).toBe(0);
});

test('each data centre applies the rule by itself, and media addresses do not', async () => {
  const home = await login(emulator);
  const token = await home.call({ _: 'auth.exportAuthorization', dc_id: 4 });
  const there = await RawClient.withKey(emulator, { dc: 4 });
  const imported = { _: 'auth.importAuthorization', id: token['id'], bytes: token['bytes'] };
  expect(await there.call(imported)).toMatchObject({ _: 'auth.authorization' });
  const media = [
    await secondConnection(there, { dc: 4, mediaOnly: true }),
    await secondConnection(there, { dc: 4, mediaOnly: true }),
  ];
  for (let times = 0; times < 2; times++) {
    expect(await home.call(GET_STATE)).toMatchObject({ _: 'updates.state' });
    for (const it of media)
      expect(await it.call({ _: 'help.getAppConfig', hash: 0 })).toMatchObject({ _: 'help.appConfig' });
    expect(await there.call({ _: 'help.getAppConfig', hash: 0 })).toMatchObject({ _: 'help.appConfig' });
  }
  expect(emulator.counters().sessionRuleViolations).toBe(0);
});

test('keys in other data centres end with their login', async () => {
  const a = await login(emulator);
  const token = await a.call({ _: 'auth.exportAuthorization', dc_id: 3 });
  const there = await RawClient.withKey(emulator, { dc: 3 });
  await there.call({ _: 'auth.importAuthorization', id: token['id'], bytes: token['bytes'] });
  const b = await secondConnection(a);
  await b.call(GET_STATE);
  await a.call(GET_STATE);
  expect(await there.call({ _: 'help.getAppConfig', hash: 0 })).toMatchObject(DUPLICATED);
});
