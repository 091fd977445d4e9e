/** A rate is what a person means by it, and is kept to. */
import { PersonError } from '@tgsync/shared/errors';
import { expect, test } from 'vitest';
import { paced, parseRate } from './rate.js';

test('a rate may have a unit', () => {
  expect(parseRate('50M')).toBe(50 * 1024 ** 2);
  expect(parseRate('1.5 GiB/s')).toBe(1.5 * 1024 ** 3);
  expect(parseRate('800k')).toBe(800 * 1024);
  expect(parseRate('4096')).toBe(4096);
  for (const text of ['', 'fast', '0', '-5M', '5T', '1e9']) expect(() => parseRate(text)).toThrow(PersonError);
});

test('bytes wait until they keep to the rate, and pauses are not made up for', async () => {
  const { signal } = new AbortController();
  const wait = paced(100_000, signal);
  const began = performance.now();
  for (let piece = 0; piece < 5; piece++) await wait(6000);
  expect(performance.now() - began).toBeGreaterThan(280);
  await paced(Infinity, signal)(1e12); // at once
});

test('an interruption ends the wait', async () => {
  const stopping = new AbortController();
  const waiting = paced(1, stopping.signal)(1e6);
  stopping.abort();
  await expect(waiting).rejects.toThrow();
});
