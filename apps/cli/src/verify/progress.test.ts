/** Progress is measured in bytes if bytes are read, otherwise in files. */
import { expect, test } from 'vitest';
import { progressLine } from './progress.js';

test('files, bytes, percent, time left', () => {
  const total = { files: 2000, bytes: 4_000_000 };
  expect(progressLine({ files: 1500, bytes: 1_000_000 }, total, 10_000)).toBe(
    '1,500 of 2,000 files, 1 MB of 4 MB, 25 %, 30s left',
  );
  expect(progressLine({ files: 1500, bytes: 0 }, { files: 2000, bytes: 0 }, 3000)).toBe(
    '1,500 of 2,000 files, 75 %, 1s left',
  );
  expect(progressLine({ files: 0, bytes: 0 }, total, 10)).toBe('0 of 2,000 files, 0 B of 4 MB, 0 %');
  expect(progressLine({ files: 0, bytes: 0 }, { files: 0, bytes: 0 }, 10)).toBe('0 of 0 files, 100 %, 0ms left');
});
