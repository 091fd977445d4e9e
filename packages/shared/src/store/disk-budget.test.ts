/** What a file system says of itself is not always a size. */
import { statfsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freeBytes } from './disk-budget.js';

test('room has no limit where the file system tells no size', async () => {
  expect(statfsSync('/proc').blocks).toBe(0);
  expect(await freeBytes('/proc')).toBe(Infinity);
});
