/** A rate is parsed as people mean it. */
import { PersonError } from '@tgsync/shared/errors';
import { expect, test } from 'vitest';
import { parseRate } from './rate.js';

test('a rate may have a unit', () => {
  expect(parseRate('50M')).toBe(50 * 1024 ** 2);
  expect(parseRate('1.5 GiB/s')).toBe(1.5 * 1024 ** 3);
  expect(parseRate('800k')).toBe(800 * 1024);
  expect(parseRate('4096')).toBe(4096);
  for (const text of ['', 'fast', '0', '-5M', '5T', '1e9']) expect(() => parseRate(text)).toThrow(PersonError);
});
