import { afterEach, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { login, sendCode } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { World, type WorldOptions } from '../world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());
const start = async (options: WorldOptions = {}): Promise<Emulator> =>
  (emulator = await startEmulator({ world: new World(options) }));

const PHONE = '+10000000001';
const GET_STATE: TlObject = { _: 'updates.getState' };
const error = (message: string): object => ({ _: 'rpc_error', error_message: message });

const signIn = (client: RawClient, phone_code_hash: unknown, phone_code: string): Promise<TlObject> =>
  client.call({ _: 'auth.signIn', phone_number: PHONE, phone_code_hash, phone_code });

test('a phone of another data centre is redirected, and gets a code only there', async () => {
  await start({ homeDc: 4 });
  const entry = await RawClient.withKey(emulator, { dc: 2 });
  expect(await sendCode(entry, PHONE)).toMatchObject({ error_code: 303, error_message: 'PHONE_MIGRATE_4' });
  const home = await RawClient.withKey(emulator, { dc: 4 });
  const sent = await sendCode(home, PHONE);
  expect(sent).toMatchObject({ _: 'auth.sentCode', type: { _: 'auth.sentCodeTypeApp', length: 5 } });
  expect(await signIn(home, sent['phone_code_hash'], '12345')).toMatchObject({ _: 'auth.authorization' });
});

test('wrong phones, codes and hashes are refused with their own errors', async () => {
  await start();
  const client = await RawClient.withKey(emulator);
  expect(await sendCode(client, '+4912345')).toMatchObject(error('PHONE_NUMBER_INVALID'));
  const { phone_code_hash } = await sendCode(client, PHONE);
  expect(await signIn(client, phone_code_hash, '00000')).toMatchObject(error('PHONE_CODE_INVALID'));
  expect(await signIn(client, phone_code_hash, '')).toMatchObject(error('PHONE_CODE_EMPTY'));
  expect(await signIn(client, 'another', '12345')).toMatchObject(error('PHONE_CODE_EXPIRED'));
  expect(await client.call(GET_STATE)).toMatchObject(error('AUTH_KEY_UNREGISTERED'));
  for (let wrong = 1; wrong < 5; wrong++) await signIn(client, phone_code_hash, '00000');
  expect(await signIn(client, phone_code_hash, '12345')).toMatchObject(error('PHONE_CODE_EXPIRED'));
});

test('a code can be resent and cancelled', async () => {
  await start();
  const client = await RawClient.withKey(emulator);
  const first = await sendCode(client, PHONE);
  const again = { _: 'auth.resendCode', phone_number: PHONE, phone_code_hash: first['phone_code_hash'] };
  const second = await client.call(again);
  expect(second).toMatchObject({ _: 'auth.sentCode', type: { _: 'auth.sentCodeTypeSms' } });
  expect(await signIn(client, first['phone_code_hash'], '12345')).toMatchObject(error('PHONE_CODE_EXPIRED'));
  const { phone_code_hash } = second;
  expect(await client.call({ _: 'auth.cancelCode', phone_number: PHONE, phone_code_hash })).toBe(true);
  expect(await signIn(client, phone_code_hash, '12345')).toMatchObject(error('PHONE_CODE_EXPIRED'));
});

test('with a password set, the code alone only leads to the password question', async () => {
  await start({ password: 'secret' });
  const client = await RawClient.withKey(emulator);
  const { phone_code_hash } = await sendCode(client, PHONE);
  expect(await signIn(client, phone_code_hash, '12345')).toMatchObject(error('SESSION_PASSWORD_NEEDED'));
  expect(await client.call(GET_STATE)).toMatchObject(error('SESSION_PASSWORD_NEEDED'));
  const offer = await client.call({ _: 'account.getPassword' });
  expect(offer).toMatchObject({ _: 'account.password', has_password: true });
  const [A, M1] = [Buffer.alloc(256, 7), Buffer.alloc(32)];
  const proof = { _: 'inputCheckPasswordSRP', srp_id: offer['srp_id'], A, M1 };
  const check = { _: 'auth.checkPassword', password: proof };
  expect(await client.call(check)).toMatchObject(error('PASSWORD_HASH_INVALID'));
  expect(await client.call(check)).toMatchObject(error('SRP_ID_INVALID'));
});

test('an exported login can be used once, at the data centre it was made for', async () => {
  await start();
  const home = await login(emulator);
  expect(await home.call({ _: 'auth.exportAuthorization', dc_id: 2 })).toMatchObject(error('DC_ID_INVALID'));
  expect(await home.call({ _: 'auth.exportAuthorization', dc_id: 9 })).toMatchObject(error('DC_ID_INVALID'));
  const { id, bytes } = await home.call({ _: 'auth.exportAuthorization', dc_id: 4 });
  const token = { _: 'auth.importAuthorization', id, bytes };
  const wrong = await RawClient.withKey(emulator, { dc: 3 });
  expect(await wrong.call(token)).toMatchObject(error('AUTH_BYTES_INVALID'));
  const right = await RawClient.withKey(emulator, { dc: 4 });
  expect(await right.call({ ...token, bytes: Buffer.alloc(128) })).toMatchObject(error('AUTH_BYTES_INVALID'));
  expect(await right.call(token)).toMatchObject({ _: 'auth.authorization' });
  expect(await right.call(token)).toMatchObject(error('AUTH_BYTES_INVALID'));
  expect(await right.call(GET_STATE)).toMatchObject({ error_code: 303, error_message: 'USER_MIGRATE_2' });
});

test('logins are listed, and can be ended by themselves and by another', async () => {
  await start();
  const [one, two] = [await login(emulator), await login(emulator)];
  const list = await one.call({ _: 'account.getAuthorizations' });
  const authorizations = list['authorizations'] as TlObject[];
  expect(authorizations.map((it) => it['current'] ?? false)).toEqual([false, true]);
  const { hash } = authorizations[0]!;
  expect(await one.call({ _: 'account.resetAuthorization', hash })).toBe(true);
  expect(await two.call(GET_STATE)).toMatchObject({ error_code: 401, error_message: 'SESSION_REVOKED' });
  expect(await one.call({ _: 'account.resetAuthorization', hash })).toMatchObject(error('HASH_INVALID'));
  expect(await one.call({ _: 'auth.logOut' })).toMatchObject({ _: 'auth.loggedOut' });
  expect(await one.call(GET_STATE)).toMatchObject({ error_code: 401, error_message: 'AUTH_KEY_UNREGISTERED' });
  const { phone_code_hash } = await sendCode(one, PHONE);
  expect(await signIn(one, phone_code_hash, '12345')).toMatchObject({ _: 'auth.authorization' });
});

test('a takeout must be started before it is used', async () => {
  await start();
  const client = await login(emulator);
  const inside = (takeout_id: unknown): TlObject => ({ _: 'invokeWithTakeout', takeout_id, query: GET_STATE });
  expect(await client.call(inside(5n))).toMatchObject(error('TAKEOUT_INVALID'));
  const { id } = await client.call({ _: 'account.initTakeoutSession' });
  expect(await client.call(inside(id))).toMatchObject({ _: 'updates.state' });
});
