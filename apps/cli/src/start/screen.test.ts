/** Progress is told every few seconds, unless counting is what takes so long. */
import { expect, test } from 'vitest';
import { pauseAfter } from './screen.js';

test('counting that takes long each time is done seldom; one long look, as at a busy start, silences nothing', () => {
  const often = pauseAfter(10, 10);
  expect(pauseAfter(4000, 0)).toBe(often);
  expect(pauseAfter(4000, 10)).toBe(often);
  expect(pauseAfter(10, 4000)).toBe(often);
  expect(pauseAfter(4000, 5000)).toBe(80_000);
});
