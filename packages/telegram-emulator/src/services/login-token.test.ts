import { afterEach, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { World, type WorldOptions } from '../world/world.js';

let emulator: Emulator;
let ahead = 0;
afterEach(() => emulator.close());

async function start(options: WorldOptions = {}): Promise<Emulator> {
  ahead = 0;
  return (emulator = await startEmulator({ world: new World(options), now: () => Date.now() + ahead * 1000 }));
}

const error = (message: string): object => ({ _: 'rpc_error', error_message: message });
const EXPORT = { _: 'auth.exportLoginToken', api_id: 1, api_hash: 'hash', except_ids: [] as bigint[] };
const tokenOf = (answer: TlObject): Buffer => answer['token'] as Buffer;

test('a token is issued, accepted, announced and redeemed', async () => {
  await start();
  const client = await RawClient.withKey(emulator);
  const seconds = () => Math.floor(Date.now() / 1000);
  const before = seconds();
  const shown = await client.call(EXPORT);
  expect(shown).toMatchObject({ _: 'auth.loginToken' });
  expect(shown['expires']).toBeGreaterThanOrEqual(before + 30);
  expect(shown['expires']).toBeLessThanOrEqual(seconds() + 30);
  const accepted = emulator.acceptLoginToken(tokenOf(shown));
  expect(accepted).toMatchObject({ _: 'authorization', device_model: 'raw' });
  expect(await client.nextNamed('updateShort')).toMatchObject({ update: { _: 'updateLoginToken' } });
  const done = await client.call(EXPORT);
  expect(done).toMatchObject({ _: 'auth.loginTokenSuccess', authorization: { user: { self: true } } });
  expect(await client.call({ _: 'updates.getState' })).toMatchObject({ _: 'updates.state' });
  const other = await login(emulator);
  const list = await other.call({ _: 'account.getAuthorizations' });
  expect((list['authorizations'] as TlObject[]).map((it) => it['hash'])).toContain(accepted['hash']);
  expect(() => emulator.acceptLoginToken(tokenOf(shown))).toThrow('AUTH_TOKEN_ALREADY_ACCEPTED');
});

test('a logged-in client accepts it by the method, also in its QR code form', async () => {
  await start();
  const phone = await login(emulator);
  const client = await RawClient.withKey(emulator, { dc: 2 });
  const token = tokenOf(await client.call(EXPORT));
  expect(await client.call({ _: 'auth.acceptLoginToken', token })).toMatchObject(error('AUTH_KEY_UNREGISTERED'));
  expect(await phone.call({ _: 'auth.acceptLoginToken', token })).toMatchObject({ _: 'authorization' });
  await client.nextNamed('updateShort');
  const second = await RawClient.withKey(emulator, { dc: 2 });
  const url = `tg://login?token=${tokenOf(await second.call(EXPORT)).toString('base64url')}`;
  expect(emulator.acceptLoginToken(url)).toMatchObject({ _: 'authorization' });
  await second.nextNamed('updateShort');
});

test('at another data centre the token is redirected home', async () => {
  await start({ homeDc: 4 });
  const client = await RawClient.withKey(emulator, { dc: 2 });
  const token = tokenOf(await client.call(EXPORT));
  emulator.acceptLoginToken(token.toString('base64url'));
  await client.nextNamed('updateShort');
  expect(await client.call(EXPORT)).toEqual({ _: 'auth.loginTokenMigrateTo', dc_id: 4, token });
  const elsewhere = await RawClient.withKey(emulator, { dc: 3 });
  const redeem = { _: 'auth.importLoginToken', token };
  expect(await elsewhere.call(redeem)).toMatchObject(error('AUTH_TOKEN_INVALID'));
  const home = await RawClient.withKey(emulator, { dc: 4 });
  expect(await home.call(redeem)).toMatchObject({ _: 'auth.loginTokenSuccess' });
  expect(await home.call({ _: 'updates.getState' })).toMatchObject({ _: 'updates.state' });
  expect(await elsewhere.call(redeem)).toMatchObject(error('AUTH_TOKEN_INVALID'));
  const third = await RawClient.withKey(emulator, { dc: 4 });
  expect(await third.call(redeem)).toMatchObject(error('AUTH_TOKEN_ALREADY_ACCEPTED'));
});

test('a password is asked for afterwards, at home and after a redirect', async () => {
  await start({ homeDc: 4, password: 'secret' });
  const home = await RawClient.withKey(emulator, { dc: 4 });
  const first = emulator.acceptLoginToken(tokenOf(await home.call(EXPORT)));
  expect(first).toMatchObject({ password_pending: true });
  expect(await home.call(EXPORT)).toMatchObject({ error_code: 401, ...error('SESSION_PASSWORD_NEEDED') });
  expect(await home.call({ _: 'account.getPassword' })).toMatchObject({ has_password: true });
  const entry = await RawClient.withKey(emulator, { dc: 2 });
  const token = tokenOf(await entry.call(EXPORT));
  emulator.acceptLoginToken(token);
  expect(await entry.call(EXPORT)).toMatchObject({ _: 'auth.loginTokenMigrateTo' });
  const there = await RawClient.withKey(emulator, { dc: 4 });
  const answer = await there.call({ _: 'auth.importLoginToken', token });
  expect(answer).toMatchObject(error('SESSION_PASSWORD_NEEDED'));
  expect(await there.call({ _: 'account.getPassword' })).toMatchObject({ has_password: true });
});

test('tokens expire, are invalid if unknown, and exclude users who are logged in already', async () => {
  await start();
  const client = await RawClient.withKey(emulator);
  const old = tokenOf(await client.call(EXPORT));
  ahead = 31;
  expect(() => emulator.acceptLoginToken(old)).toThrow('AUTH_TOKEN_EXPIRED');
  const next = await client.call(EXPORT);
  expect(next).toMatchObject({ _: 'auth.loginToken' });
  expect(tokenOf(next)).not.toEqual(old);
  const redeem = { _: 'auth.importLoginToken', token: tokenOf(next) };
  expect(await client.call(redeem)).toMatchObject(error('AUTH_TOKEN_INVALID'));
  expect(() => emulator.acceptLoginToken('bm90IGEgdG9rZW4')).toThrow('AUTH_TOKEN_INVALIDX');
  emulator.acceptLoginToken(tokenOf(next));
  ahead = 62; // accepted, but not redeemed in time
  expect(await client.call(EXPORT)).toMatchObject({ _: 'auth.loginToken' });
  const except_ids = [emulator.world.account.userId];
  const mine = tokenOf(await client.call({ ...EXPORT, except_ids }));
  expect(() => emulator.acceptLoginToken(mine)).toThrow('AUTH_TOKEN_EXCEPTION');
  expect(await client.call({ ...EXPORT, api_id: 0 })).toMatchObject(error('API_ID_INVALID'));
});
