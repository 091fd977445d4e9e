/** Reading keeps to the rate. */
import { expect, test } from 'vitest';
import { paced } from './pace.js';

test('reading waits to keep to the rate, and pauses are not made up for', async () => {
  const { signal } = new AbortController();
  const wait = paced(100_000, signal);
  const began = performance.now();
  for (let piece = 0; piece < 5; piece++) await wait(6000);
  expect(performance.now() - began).toBeGreaterThan(280);
  await paced(Infinity, signal)(1e12); // does not wait
});

test('an interruption ends the wait', async () => {
  const stopping = new AbortController();
  const waiting = paced(1, stopping.signal)(1e6);
  stopping.abort();
  await expect(waiting).rejects.toThrow();
});
