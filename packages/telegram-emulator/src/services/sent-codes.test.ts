/** A login code can come in every documented way, and the next one in the next way. */
import { afterEach, expect, test } from 'vitest';
import { gramJs, logIn } from '../gramjs-client.js';
import { RawClient } from '../raw-client.js';
import { sendCode } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import type { CodeWay } from '../world/account.js';
import { World, type WorldOptions } from '../world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

const phone_number = '+10000000001';
const error = (error_message: string, error_code = 400): object => ({ _: 'rpc_error', error_code, error_message });
const DONE = { _: 'auth.authorization' };

async function start(codeWays: readonly CodeWay[], more: WorldOptions = {}): Promise<RawClient> {
  emulator = await startEmulator({ world: new World({ codeWays, ...more }) });
  return RawClient.withKey(emulator);
}

/** Enters a code: as text, or as the code of an e-mail. */
const answer = (client: RawClient, { phone_code_hash }: TlObject, how: object): Promise<TlObject> =>
  client.call({ _: 'auth.signIn', phone_number, phone_code_hash, ...how });
const email = (code: string): object => ({ email_verification: { _: 'emailVerificationCode', code } });

test.each<[CodeWay, object, string]>([
  ['app', { _: 'auth.sentCodeTypeApp', length: 5 }, '12345'],
  ['sms', { _: 'auth.sentCodeTypeSms', length: 5 }, '12345'],
  ['smsWord', { _: 'auth.sentCodeTypeSmsWord', beginning: 'm' }, 'meadow'],
  ['smsPhrase', { _: 'auth.sentCodeTypeSmsPhrase', beginning: 'the' }, 'the cat sleeps in the sun'],
  ['call', { _: 'auth.sentCodeTypeCall', length: 5 }, '12345'],
  ['flashCall', { _: 'auth.sentCodeTypeFlashCall', pattern: '+1999000*' }, '+1 999 000 12345'],
  ['missedCall', { _: 'auth.sentCodeTypeMissedCall', prefix: '+1999000', length: 5 }, '12345'],
  ['fragmentSms', { _: 'auth.sentCodeTypeFragmentSms', url: 'https://fragment.com/login?code', length: 5 }, '12345'],
])('by %s', async (way, type, phone_code) => {
  const client = await start([way]);
  const sent = await sendCode(client, phone_number);
  expect(sent).toMatchObject({ _: 'auth.sentCode', type });
  expect(sent).not.toHaveProperty('next_type');
  expect(await answer(client, sent, { phone_code: '99999' })).toMatchObject(error('PHONE_CODE_INVALID'));
  expect(await answer(client, sent, { phone_code })).toMatchObject(DONE);
});

test('a code by e-mail is entered in a field of its own', async () => {
  const client = await start(['email'], { email: 'someone@example.net', emailCode: '424242' });
  const sent = await sendCode(client, phone_number);
  const type = { _: 'auth.sentCodeTypeEmailCode', email_pattern: 's***e@example.net', length: 6 };
  expect(sent).toMatchObject({ type });
  expect(await answer(client, sent, {})).toMatchObject(error('PHONE_CODE_EMPTY'));
  for (const how of [{ phone_code: '12345' }, { phone_code: '424242' }, email('12345')])
    expect(await answer(client, sent, how)).toMatchObject(error('PHONE_CODE_INVALID'));
  expect(await answer(client, sent, email('424242'))).toMatchObject(DONE);
});

test('other codes are not accepted in that field', async () => {
  const client = await start(['sms']);
  const sent = await sendCode(client, phone_number);
  expect(await answer(client, sent, email('12345'))).toMatchObject(error('PHONE_CODE_EMPTY'));
});

test('if an address is required, it is set up and gets the code', async () => {
  const client = await start(['setUpEmail', 'sms']);
  const sent = await sendCode(client, phone_number);
  expect(sent).toMatchObject({ type: { _: 'auth.sentCodeTypeSetUpEmailRequired' } });
  const { phone_code_hash } = sent;
  expect(await answer(client, sent, { phone_code: '12345' })).toMatchObject(error('PHONE_CODE_INVALID'));
  const again = { _: 'auth.resendCode', phone_number, phone_code_hash };
  expect(await client.call(again)).toMatchObject(error('EMAIL_INSTALL_MISSING'));
  const purpose = { _: 'emailVerifyPurposeLoginSetup', phone_number, phone_code_hash };
  const ask = (it: string): Promise<TlObject> => client.call({ _: 'account.sendVerifyEmailCode', purpose, email: it });
  const verify = (code: string): Promise<TlObject> =>
    client.call({ _: 'account.verifyEmail', purpose, verification: { _: 'emailVerificationCode', code } });
  expect(await verify('654321')).toMatchObject(error('EMAIL_VERIFY_EXPIRED'));
  expect(await ask('nobody')).toMatchObject(error('EMAIL_INVALID'));
  expect(await ask('me@example.com')).toMatchObject({ _: 'account.sentEmailCode', email_pattern: 'm***e@example.com' });
  expect(await verify('12345')).toMatchObject(error('CODE_INVALID'));
  const done = await verify('654321');
  const type = { _: 'auth.sentCodeTypeEmailCode', email_pattern: 'm***e@example.com' };
  expect(done).toMatchObject({ _: 'account.emailVerifiedLogin', email: 'me@example.com', sent_code: { type } });
  expect(await ask('me@example.com')).toMatchObject(error('PHONE_HASH_EXPIRED'));
  expect(await answer(client, done['sent_code'] as TlObject, email('654321'))).toMatchObject(DONE);
});

test('an unknown way is unreadable, and Firebase is for official apps only', async () => {
  const client = await start(['unknown', 'firebaseSms', 'sms']);
  expect(await sendCode(client, phone_number)).toMatchObject({
    _: 'unreadable',
    problem: expect.stringContaining('auth.sentCode.type'),
  });
  emulator.world.account.codeWays = ['firebaseSms', 'sms'];
  const sent = await sendCode(client, phone_number);
  expect(sent).toMatchObject({ type: { _: 'auth.sentCodeTypeFirebaseSms', length: 5 } });
  const { phone_code_hash } = sent;
  expect(await client.call({ _: 'auth.requestFirebaseSms', phone_number, phone_code_hash })).toBe(false);
  expect(await answer(client, sent, { phone_code: '12345' })).toMatchObject(error('PHONE_CODE_INVALID'));
  const next = await client.call({ _: 'auth.resendCode', phone_number, phone_code_hash });
  expect(await answer(client, next, { phone_code: '12345' })).toMatchObject(DONE);
});

test('a resent code comes in the next way, as announced, until there is none left', async () => {
  const ways = ['app', 'email', 'sms', 'call', 'flashCall', 'missedCall', 'fragmentSms'] as const;
  const client = await start(ways, { codeTimeout: 30 });
  let sent = await sendCode(client, phone_number);
  const next = async (): Promise<TlObject> =>
    client.call({ _: 'auth.resendCode', phone_number, phone_code_hash: sent['phone_code_hash'] });
  const announced: unknown[] = [];
  for (let index = 1; index < ways.length; index++) {
    expect(sent['timeout']).toBe(30);
    announced.push((sent['next_type'] as TlObject | undefined)?._);
    const before = sent;
    sent = await next();
    expect(sent['phone_code_hash']).not.toBe(before['phone_code_hash']);
  }
  const types = ['Sms', 'Call', 'FlashCall', 'MissedCall', 'FragmentSms'];
  expect(announced).toEqual([undefined, ...types.map((it) => `auth.codeType${it}`)]);
  expect(sent).not.toHaveProperty('timeout');
  expect(await next()).toMatchObject(error('SEND_CODE_UNAVAILABLE', 406));
  expect(await answer(client, sent, { phone_code: '12345' })).toMatchObject(DONE);
});

test.each([
  ['PHONE_NUMBER_BANNED', 400],
  ['UPDATE_APP_TO_LOGIN', 406],
  ['PHONE_NUMBER_FLOOD', 400],
  ['PHONE_PASSWORD_FLOOD', 406],
  ['AUTH_RESTART', 500],
])('%s can be a fault', async (message, code) => {
  const client = await start(['app']);
  emulator.faults.add({ method: 'auth.sendCode', kind: 'error', code, message, times: 1 });
  expect(await sendCode(client, phone_number)).toMatchObject(error(message, code));
  expect(await sendCode(client, phone_number)).toMatchObject({ _: 'auth.sentCode' });
  expect(await sendCode(client, '123456:a-bot-token')).toMatchObject(error('PHONE_NUMBER_INVALID'));
});

test('the connection may close while the person looks for the code', async () => {
  const client = await start(['app']);
  emulator.faults.add({ method: 'auth.sendCode', kind: 'hang-up', times: 1 });
  const sent = await sendCode(client, phone_number);
  await client.ended;
  const again = await RawClient.withKey(emulator, {}, client.key);
  expect(await answer(again, sent, { phone_code: '12345' })).toMatchObject(DONE);
});

test('a forgotten password challenge is issued again, and stock GramJS retries by itself', async () => {
  await start(['missedCall'], { password: 'secret' });
  const fault = emulator.faults.add({ method: 'auth.checkPassword', kind: 'forget-srp', times: 1 });
  const stock = await gramJs(emulator);
  try {
    expect(await logIn(stock, phone_number, ['12345'], ['secret', 'secret'])).toEqual(['SRP_ID_INVALID']);
    expect(fault.hits).toBe(1);
    expect((await stock.getMe()).firstName).toBe('Robin');
  } finally {
    await stock.destroy();
  }
});
