/** When missing files raise a question, and when they count as deleted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mustAsk } from './gone-files.js';

test.each<[string, number, number | undefined, boolean]>([
  ['all are there', 450, 450, false],
  ['there are more than were recorded', 450, 460, false],
  ['none was ever there', 0, undefined, false],
  ['one of many', 450, 449, false],
  ['the only one', 1, 0, false],
  ['both of two', 2, 0, true],
  ['the whole folder, with one file in it', 1, undefined, true],
  ['the whole folder', 450, undefined, true],
  ['all files, of a folder that is there', 450, 0, true],
  ['half', 100, 50, false],
  ['more than half', 100, 49, true],
  ['more than half, and few', 30, 11, false],
  ['more than half, and enough', 30, 10, true],
])('%s', (_what, kept, there, asked) => {
  expect(mustAsk(kept, there)).toBe(asked);
});

test('counting up to half of them gives the same answer', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(600), (kept, there) => {
      expect(mustAsk(kept, Math.min(there, Math.ceil(kept / 2)))).toBe(mustAsk(kept, there));
    }),
  );
});
