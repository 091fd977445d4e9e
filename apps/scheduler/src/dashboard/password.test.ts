/** The gate: the right password comes in, and no number of guesses at once is worth more than one. */
import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { Gate } from './password.js';

const password = 'correct-horse';
const hashed = hashSync(password, 4);
const prefixes = ['$2a$', '$2b$', '$2y$'].map((it) => it + hashed.slice(4));

test.each([password, ...prefixes])('the right one comes in, of the right user alone: %s', async (kept) => {
  let now = 0;
  const gate = new Gate(kept, () => (now += 60_000));
  const ask = (user: string, given: string) => gate.admit('192.0.2.7', user, given);
  expect(await ask('tgsync', password)).toBe('right');
  for (const wrong of ['', 'correct-hors', `${password}!`, `${password}\0`, kept === password ? 'x' : kept])
    expect(await ask('tgsync', wrong), wrong).toBe('wrong');
  expect(await ask('admin', password)).toBe('wrong');
  expect(await ask('tgsync', password)).toBe('right');
});

test('of many guesses at once one is looked at; in the penalty even the right one is not', async () => {
  let now = 0;
  const gate = new Gate(hashed, () => now);
  const ask = (given: string) => gate.admit('192.0.2.7', 'tgsync', given);
  const verdicts = await Promise.all([...Array.from({ length: 50 }, (_, nth) => `guess ${nth}`), password].map(ask));
  expect(verdicts.filter((it) => it === 'wrong')).toHaveLength(1);
  expect(verdicts.filter((it) => typeof it === 'object')).toHaveLength(50);
  expect(await ask(password)).toEqual({ retryAfterMs: 1000 });
  expect(await gate.admit('192.0.2.8', 'tgsync', password)).toBe('right');
  expect(await ask(password)).toEqual({ retryAfterMs: 1000 }); // also when it is known already
  now += 1000;
  expect(await ask(password)).toBe('right');
  expect(await ask('once more')).toBe('wrong');
  expect(await ask('once more')).toEqual({ retryAfterMs: 1000 }); // the right one began it anew
});

test('a page that asks for much at once with the right one gets all of it', async () => {
  const gate = new Gate(hashed, () => 0);
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => gate.admit('192.0.2.7', 'tgsync', password)));
  expect(new Set(verdicts)).toEqual(new Set(['right']));
});

test('a page that goes on with an old password keeps nobody out for longer', async () => {
  let now = 0;
  const gate = new Gate(password, () => now);
  const ask = (given: string) => gate.admit('192.0.2.7', 'tgsync', given);
  expect(await ask('the old one')).toBe('wrong');
  for (let nth = 0; nth < 5; nth++) {
    now += 3000;
    expect(await ask('the old one')).toBe('wrong again');
  }
  expect(await ask(password)).toBe('right');
});
