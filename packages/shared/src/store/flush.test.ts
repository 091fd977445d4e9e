/** A folder into which many files come is not opened for each of them, and does not stay open for long. */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { patience } from '@tgsync/testing';
import { flushFolder } from './flush.js';

/** How often this process has a folder open. */
function opened(path: string): number {
  const descriptors = readdirSync('/proc/self/fd');
  const target = (it: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${it}`);
    } catch {
      return undefined; // closed in the meantime
    }
  };
  return descriptors.filter((it) => target(it) === path).length;
}

test.skipIf(process.platform !== 'linux')('a folder is opened once for many flushes, and closed soon', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-flush-'));
  await Promise.all([flushFolder(folder), flushFolder(folder)]);
  await flushFolder(folder);
  expect(opened(folder)).toBe(1);
  await vi.waitUntil(() => opened(folder) === 0, patience);
  await flushFolder(folder);
  expect(opened(folder)).toBe(1);
  rmSync(folder, { recursive: true });
});

test('a folder that is missing is an error each time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-flush-'));
  const missing = join(folder, 'missing');
  for (const _ of [1, 2]) await expect(flushFolder(missing)).rejects.toThrow('ENOENT');
  mkdirSync(missing);
  await flushFolder(missing);
  rmSync(folder, { recursive: true });
});
