/** What a file system reports is not always a size. */
import { statfsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freeBytes } from './disk-budget.js';

test('space is unlimited if the file system reports no size', async () => {
  expect(statfsSync('/proc').blocks).toBe(0);
  expect(await freeBytes('/proc')).toBe(Infinity);
});
