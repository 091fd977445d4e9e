/** The gate: the right password is admitted, and any number of guesses at once is worth no more than one. */
import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { matchesHash } from './password.js';
import { Gate } from './gate.js';

const password = 'correct-horse';
const hashed = hashSync(password, 4);
const prefixes = ['$2a$', '$2b$', '$2y$'].map((it) => it + hashed.slice(4));

test.each([password, ...prefixes])('the right one comes in, of the right user alone: %s', async (kept) => {
  let now = 0;
  const gate = new Gate(
    () => kept,
    () => (now += 60_000),
  );
  const ask = (user: string, given: string) => gate.admit('192.0.2.7', user, given);
  expect(await ask('tgsync', password)).toBe('right');
  for (const wrong of ['', 'correct-hors', `${password}!`, `${password}\0`, kept === password ? 'x' : kept])
    expect(await ask('tgsync', wrong), wrong).toBe('wrong');
  expect(await ask('admin', password)).toBe('wrong');
  expect(await ask('tgsync', password)).toBe('right');
});

test('of many guesses at once one is checked; during the penalty not even the right one, unless it is known', async () => {
  let now = 0;
  const gate = new Gate(
    () => hashed,
    () => now,
  );
  const ask = (given: string, address = '192.0.2.7') => gate.admit(address, 'tgsync', given);
  const verdicts = await Promise.all(
    [...Array.from({ length: 50 }, (_, nth) => `guess ${nth}`), password].map((it) => ask(it)),
  );
  expect(verdicts.filter((it) => it === 'wrong')).toHaveLength(1);
  expect(verdicts.filter((it) => typeof it === 'object')).toHaveLength(50);
  expect(await ask(password)).toEqual({ retryAfterMs: 1000 });
  expect(await ask(password, '192.0.2.8')).toBe('right');
  expect(await ask(password)).toEqual({ retryAfterMs: 1000 }); // known from another address does not count here
  now += 1000;
  expect(await ask(password)).toBe('right');
  expect(await ask('once more')).toBe('wrong');
  expect(await ask('once more')).toEqual({ retryAfterMs: 1000 }); // the right one started it anew
});

test('guesses do not lock out an owner who logged in a moment ago', async () => {
  let now = 0;
  const gate = new Gate(
    () => password,
    () => now,
  );
  const ask = (given: string, address = '127.0.0.1') => gate.admit(address, 'tgsync', given);
  expect(await ask(password)).toBe('right');
  for (let nth = 0; nth < 90; nth++) await ask(`guess ${nth}`);
  for (let nth = 0; nth < 3000; nth++) await ask(`guess ${nth}`, `127.1.${nth >> 8}.${nth & 255}`);
  expect(await ask(password)).toBe('right');
  expect(await ask(password, '127.1.0.0')).toMatchObject({ retryAfterMs: expect.any(Number) as number });
  now += 700_000;
  expect(await ask('one more')).toBe('wrong');
  expect(await ask(password)).toEqual({ retryAfterMs: 2000 }); // that moment has passed
});

test('being known does not speed up guessing: after a hundred wrong ones the right one waits like all others', async () => {
  const gate = new Gate(
    () => password,
    () => 0,
  );
  const ask = (given: string) => gate.admit('127.0.0.1', 'tgsync', given);
  expect(await ask(password)).toBe('right');
  for (let nth = 0; nth < 100; nth++) await ask(`guess ${nth}`);
  expect(await ask(password)).toEqual({ retryAfterMs: 1000 });
});

test('all addresses of this machine count as one: 3,000 guesses in three seconds are worth a handful', async () => {
  let now = 0;
  const gate = new Gate(
    () => password,
    () => now,
  );
  const verdicts = [];
  for (let nth = 0; nth < 3000; nth++) {
    now = nth;
    verdicts.push(await gate.admit(`127.${nth & 255}.0.${nth >> 8}`, 'tgsync', `guess ${nth}`));
  }
  expect(verdicts.filter((it) => it === 'wrong').length).toBe(2);
});

test('after a change, the old password is no longer admitted', async () => {
  let current = password;
  const gate = new Gate(
    () => current,
    () => 0,
  );
  expect(await gate.admit('127.0.0.1', 'tgsync', password)).toBe('right');
  current = 'battery-staple';
  expect(await gate.admit('127.0.0.1', 'tgsync', password)).toBe('wrong');
});

test('the process continues other work while a hash is computed', async () => {
  const slow = hashSync(password, 12);
  const before = performance.eventLoopUtilization();
  expect(await Promise.all([matchesHash(password, slow), matchesHash('x', slow)])).toEqual([true, false]);
  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
});

test('a page that sends many requests at once with the right password gets all of them answered', async () => {
  const gate = new Gate(
    () => hashed,
    () => 0,
  );
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => gate.admit('192.0.2.7', 'tgsync', password)));
  expect(new Set(verdicts)).toEqual(new Set(['right']));
});

test("a page that keeps sending an old password extends nobody's wait", async () => {
  let now = 0;
  const gate = new Gate(
    () => password,
    () => now,
  );
  const ask = (given: string) => gate.admit('192.0.2.7', 'tgsync', given);
  expect(await ask('the old one')).toBe('wrong');
  for (let nth = 0; nth < 5; nth++) {
    now += 3000;
    expect(await ask('the old one')).toBe('wrong again');
  }
  expect(await ask(password)).toBe('right');
});
