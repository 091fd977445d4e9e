/** Sizes in config.json are parsed as people mean them, or rejected. */
import { expect, test } from 'vitest';
import { bytesOf } from './bytes.js';

test.each([
  ['1 GiB', 1024 ** 3],
  ['1g', 1024 ** 3],
  ['500 MB', 500 * 1024 ** 2],
  ['1.5T', 1.5 * 1024 ** 4],
  ['2KiB', 2048],
  ['0', 0],
  [' 12 b ', 12],
])('%s', (text, expected) => expect(bytesOf(text)).toBe(expected));

test.each(['', 'much', '-1 GiB', '1 GiB more', '1,5 GiB', 'GiB'])('"%s" is no size', (text) =>
  expect(bytesOf(text)).toBeUndefined(),
);
