import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { openBinding, sealBinding } from '../crypto/binding.js';
import { RawClient } from '../raw-client.js';
import { exchangeKey } from '../raw-key-exchange.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import { mtproto } from '../tl/layers.js';
import type { TlObject } from '../tl/value.js';
import { TlWriter } from '../tl/writer.js';
import { World } from '../world/world.js';

let emulator: Emulator;
let ahead = 0;
afterEach(() => emulator.close());

const STATE = { _: 'updates.getState' };
const error = (message: string): object => ({ _: 'rpc_error', error_message: message });

/** A login, and a connection whose temporary key is not bound yet. */
async function start(): Promise<{ main: RawClient; client: RawClient }> {
  ahead = 0;
  emulator = await startEmulator({ world: new World(), now: () => Date.now() + ahead * 1000 });
  const main = await login(emulator);
  const client = await RawClient.connect(emulator);
  client.key = await exchangeKey(client, emulator.server.public_key, client.dc, (it) =>
    it._ === 'p_q_inner_data_dc' ? { ...it, _: 'p_q_inner_data_temp_dc', expires_in: 100 } : it,
  );
  return { main, client };
}

/** Binds the client's key to that of `main`; `change` corrupts what is encrypted. */
function bind(main: RawClient, client: RawClient, lifetime = 100, change: Partial<TlObject> = {}): Promise<unknown> {
  const [msgId, expires_at] = [client.msgId(), Math.floor(Date.now() / 1000) + lifetime];
  const ids = { perm_auth_key_id: main.key!.id.readBigInt64LE(0), nonce: randomBytes(8).readBigInt64LE(0), expires_at };
  const temp_auth_key_id = client.key!.id.readBigInt64LE(0);
  const inner = { _: 'bind_auth_key_inner', ...ids, temp_auth_key_id, temp_session_id: client.sessionId, ...change };
  const body = new TlWriter().object(mtproto, inner).written;
  const head = new TlWriter().raw(randomBytes(16)).long(msgId).int(0).int(body.length).written;
  const encrypted_message = sealBinding(main.key!.value, main.key!.id, Buffer.concat([head, body]));
  client.initialised = true; // it is sent before the layer is named
  client.send({ _: 'auth.bindTempAuthKey', ...ids, encrypted_message }, { msgId });
  client.initialised = false;
  return client.answer(msgId);
}

test('a temporary key can only be bound, and then do what its permanent key can', async () => {
  const { main, client } = await start();
  expect(await client.call(STATE)).toMatchObject({ error_code: 401, ...error('AUTH_KEY_PERM_EMPTY') });
  main.close();
  await main.ended;
  expect(await bind(main, client)).toBe(true);
  expect(await client.call(STATE)).toMatchObject({ _: 'updates.state' });
  emulator.world.addUser({ title: 'Alice' }).addMessage({ text: 'hello' });
  expect(await client.nextNamed('updates')).toMatchObject({ users: [{ first_name: 'Alice' }] });
});

test('it expires', async () => {
  const { main, client } = await start();
  expect(await bind(main, client)).toBe(true);
  ahead = 101;
  client.service({ _: 'ping', ping_id: 1n });
  expect(await client.ended).toBe(-404);
});

test('a binding not made by the owner of both keys is refused', async () => {
  const { main, client } = await start();
  const refused = error('ENCRYPTED_MESSAGE_INVALID');
  for (const change of [{ nonce: 1n }, { temp_auth_key_id: 1n }, { perm_auth_key_id: 1n }, { temp_session_id: 1n }])
    expect(await bind(main, client, 100, change)).toMatchObject(refused);
  expect(await bind(main, client, -1)).toMatchObject(error('EXPIRES_AT_INVALID'));
  expect(await bind(client, client)).toMatchObject(refused);
  expect(await bind(main, main)).toMatchObject(error('TEMP_AUTH_KEY_EMPTY'));
  const other = await RawClient.withKey(emulator);
  expect(await bind(main, client)).toBe(true);
  expect(await bind(other, client)).toMatchObject(error('TEMP_AUTH_KEY_ALREADY_BOUND'));
});

test('an envelope opens only with its key, and only if complete', () => {
  const [key, id] = [randomBytes(256), randomBytes(8)];
  const head = new TlWriter().raw(randomBytes(16)).long(8n).int(0).int(8).written;
  const sealed = sealBinding(key, id, Buffer.concat([head, Buffer.alloc(8, 7)]));
  expect(openBinding(key, sealed)).toEqual({ msgId: 8n, body: Buffer.alloc(8, 7) });
  expect(openBinding(randomBytes(256), sealed)).toBeUndefined();
  expect(openBinding(key, sealed.subarray(0, -1))).toBeUndefined();
  sealed[40]! ^= 1;
  expect(openBinding(key, sealed)).toBeUndefined();
});
