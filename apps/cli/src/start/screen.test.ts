/** Progress is shown every few seconds, unless counting takes too long. */
import { expect, test } from 'vitest';
import { pauseAfter } from './screen.js';

test('slow counts are made less often; a single slow one, as at a busy start, changes nothing', () => {
  const often = pauseAfter(10, 10);
  expect(pauseAfter(4000, 0)).toBe(often);
  expect(pauseAfter(4000, 10)).toBe(often);
  expect(pauseAfter(10, 4000)).toBe(often);
  expect(pauseAfter(4000, 5000)).toBe(80_000);
});
