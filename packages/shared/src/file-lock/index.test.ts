/** A lock ends with its process, can be shared or exclusive, and does not count on a deleted file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base } from 'vitest';
import { tryLock, waitForLock } from './index.js';

const test = base.extend<{ file: string }>({
  file: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-file-lock-'));
    await use(join(folder, 'lock'));
    rmSync(folder, { recursive: true, force: true });
  },
});

/** Another process that holds the lock. */
async function holder(file: string): Promise<ChildProcess> {
  const script = `import { tryLock } from '@tgsync/shared/file-lock';
    process.stdout.write(tryLock(process.argv[1]) ? 'held' : 'refused');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, file], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('held');
  return child;
}

test('one exclusive holder, or several shared ones', ({ file }) => {
  const one = tryLock(file)!;
  expect([tryLock(file), tryLock(file, 'shared')]).toEqual([undefined, undefined]);
  one.release();
  one.release();
  const [first, second] = [tryLock(file, 'shared'), tryLock(file, 'shared')];
  expect(tryLock(file)).toBeUndefined();
  first!.release();
  expect(tryLock(file)).toBeUndefined();
  second!.release();
  tryLock(file)!.release();
  expect(existsSync(file)).toBe(true);
});

test('the lock of a killed holder is free', async ({ file }) => {
  const child = await holder(file);
  expect(tryLock(file)).toBeUndefined();
  expect(await waitForLock(file, 'exclusive', 0)).toBeUndefined();
  const waiting = waitForLock(file, 'exclusive', 60_000);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  (await waiting)!.release();
});

test('a holder can leave a message for others', ({ file }) => {
  writeFileSync(file, 'a longer text of an earlier holder');
  const lock = tryLock(file)!;
  lock.write('new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  lock.release();
});

test('a symbolic link at its path is not followed', ({ file }) => {
  const other = `${file}.other`;
  symlinkSync(other, file);
  expect(() => tryLock(file)).toThrow('ELOOP');
  expect(existsSync(other)).toBe(false);
});

test('only its owner can read its file', ({ file }) => {
  tryLock(file)!.release();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
