/** Logging in: every way that Telegram sends a code, every refusal, and connections that break while a person looks for the code. */
import { parseConfig } from '@tgsync/shared/config';
import { PersonError } from '@tgsync/shared/errors';
import { login, type LoginQuestions } from '@tgsync/shared/telegram';
import { type Account, type CodeWay, type Emulator, startEmulator, World } from '@tgsync/telegram-emulator';
import { afterEach, expect, test } from 'vitest';

let telegram: Emulator;
afterEach(() => telegram.close());

async function start(account: Partial<Account> = {}): Promise<Account> {
  telegram = await startEmulator({ world: new World({ codeTimeout: 0, ...account }) });
  return telegram.world.account;
}

/** Logs in; returns what was asked and said. */
async function logIn(answers: Partial<LoginQuestions>): Promise<{ told: string[]; dc: number }> {
  const told: string[] = [];
  const credentials = { api_id: 4242, api_hash: '00112233445566778899aabbccddeeff' };
  const config = parseConfig(JSON.stringify({ tg: { ...credentials, server: telegram.server } }));
  const { phone, password } = telegram.world.account;
  const done = await login(config, {
    phone: async () => phone,
    password: async () => password ?? '',
    say: (text) => void told.push(text),
    ...answers,
    code: async (question) => {
      told.push(question);
      return await answers.code!(question);
    },
  });
  await done.close();
  return { told, dc: done.session.homeDc };
}

const counted = (method: string) => telegram.counters().calls[method] ?? 0;

const ways: [CodeWay, (account: Account) => string, RegExp][] = [
  ['app', (it) => it.code, /to your Telegram app:$/],
  ['sms', (it) => it.code, /by SMS:$/],
  ['call', (it) => it.code, /in a phone call:$/],
  ['smsWord', (it) => it.codeWord, /^The word .* begins with "m":$/],
  ['smsPhrase', (it) => it.codePhrase, /^The phrase .* begins with "the":$/],
  ['flashCall', (it) => `${it.callerPrefix} ${it.code}`, /^The full number of the missed call .*\+1999000/],
  ['missedCall', (it) => it.code, /^The last 5 digits of the number .*\+1999000/],
  ['fragmentSms', (it) => it.code, /https:\/\/fragment\.com\//],
  ['email', (it) => it.emailCode, /by e-mail to r\*\*\*n@example\.org:$/],
];

test.each(ways)('%s: the question says what to enter', async (way, answer, question) => {
  const account = await start({ codeWays: [way] });
  const { told } = await logIn({ code: async () => answer(account) });
  expect(told).toEqual([expect.stringMatching(question)]);
});

test.each<[CodeWay, RegExp]>([
  ['setUpEmail', /e-mail address .* only its own apps can set up/],
  ['firebaseSms', /only to its own apps/],
  ['unknown', /does not understand.*constructor 0x|does not support/],
])('%s: one sentence, and the way by QR code', async (way, sentence) => {
  await start({ codeWays: [way] });
  const refused = logIn({ code: () => Promise.reject(new Error('not asked for')) });
  await expect(refused).rejects.toThrow(PersonError);
  await expect(refused).rejects.toThrow(sentence);
  await expect(refused).rejects.toThrow(/tgsync login --qr/);
});

test('no code arrives: the next way is used, until there is none', async () => {
  const { code } = await start({ codeWays: ['app', 'sms', 'missedCall'] });
  const answers = ['', '', code];
  const { told } = await logIn({ code: async () => answers.shift()! });
  expect(told.filter((it) => it.endsWith(':'))).toEqual([
    expect.stringContaining('app'),
    expect.stringContaining('SMS'),
    expect.stringContaining('last 5 digits'),
  ]);
  expect(counted('auth.resendCode')).toBe(2);
  await telegram.close();

  await start({ codeWays: ['app'] });
  await expect(logIn({ code: async () => '' })).rejects.toThrow(/cannot send this number another code.*--qr/);
});

test('too early for another code: the person is told, and Telegram is not asked', async () => {
  const { code } = await start({ codeWays: ['app', 'sms'], codeTimeout: 60 });
  const answers = ['', code];
  const { told } = await logIn({ code: async () => answers.shift()! });
  expect(told[1]).toMatch(/another code in \d+ s/);
  expect(counted('auth.resendCode')).toBe(0);
});

test('a way that only apps support is skipped if there is another', async () => {
  const { code } = await start({ codeWays: ['firebaseSms', 'sms'] });
  const { told } = await logIn({ code: async () => code });
  expect(told.at(-1)).toContain('by SMS');
});

test('the connection breaks while a person looks for the code, and while they enter the password', async () => {
  const { code, password } = await start({ homeDc: 4, password: 'correct horse' });
  const { dc } = await logIn({
    code: async () => {
      telegram.dropConnections({});
      return code;
    },
    password: async () => {
      telegram.dropConnections({});
      return password!;
    },
  });
  expect(dc).toBe(4);
  expect(counted('auth.sendCode')).toBe(2); // one at the data centre where every login starts
});

test('the answer to the code is lost', async () => {
  const { code } = await start();
  telegram.faults.add({ method: 'auth.signIn', kind: 'drop', times: 1 });
  await logIn({ code: async () => code });
});

test.each([
  ['auth.sendCode', 400, 'PHONE_NUMBER_BANNED', /banned this phone number/],
  ['auth.sendCode', 406, 'UPDATE_APP_TO_LOGIN', /newer client.*--qr/],
  ['auth.sendCode', 400, 'PHONE_NUMBER_FLOOD', /Try again tomorrow.*--qr/],
  ['auth.sendCode', 406, 'PHONE_PASSWORD_FLOOD', /Too many wrong passwords.*tomorrow/],
  ['auth.sendCode', 400, 'SOMETHING_NEW', /SOMETHING_NEW \(400\)\. Nothing was changed/],
  ['auth.signIn', 400, 'PHONE_NUMBER_UNOCCUPIED', /No Telegram account has this phone number/],
] as const)('%s answers %i %s: one sentence', async (method, number, message, sentence) => {
  const { code } = await start();
  telegram.faults.add({ method, kind: 'error', code: number, message, times: 1 });
  const refused = logIn({ code: async () => code });
  await expect(refused).rejects.toThrow(PersonError);
  await expect(refused).rejects.toThrow(sentence);
});

test('AUTH_RESTART starts over by itself, whenever it comes', async () => {
  const { code } = await start();
  for (const method of ['auth.sendCode', 'auth.signIn'])
    telegram.faults.add({ method, kind: 'error', code: 500, message: 'AUTH_RESTART', times: 1 });
  await logIn({ code: async () => code });
  expect(counted('auth.sendCode')).toBe(3);
  await telegram.close();

  await start();
  telegram.faults.add({ method: 'auth.sendCode', kind: 'error', code: 500, message: 'AUTH_RESTART' });
  await expect(logIn({ code: async () => code })).rejects.toThrow(/AUTH_RESTART/); // not endlessly
});

test('SRP_ID_INVALID is retried with the same password', async () => {
  const { code } = await start({ password: 'correct horse' });
  telegram.faults.add({ method: 'auth.checkPassword', kind: 'error', code: 400, message: 'SRP_ID_INVALID', times: 1 });
  let asked = 0;
  await logIn({ code: async () => code, password: async () => (asked++, 'correct horse') });
  expect(asked).toBe(1);
});

test('a bot token is not accepted as a phone number', async () => {
  const { code, phone } = await start();
  const given = ['110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw', phone];
  const { told } = await logIn({ code: async () => code, phone: async () => given.shift()! });
  expect(told[0]).toMatch(/bot token/);
  expect(told.join()).not.toContain('AAHdqTcv');
});

test('nothing answers where a login starts', async () => {
  await start();
  const restore = telegram.cutOff(2);
  const refused = logIn({ code: () => Promise.reject(new Error('not asked for')) });
  await expect(refused).rejects.toThrow(PersonError);
  await expect(refused).rejects.toThrow(/Telegram is unreachable.*tg\.proxy/);
  await restore();
});
