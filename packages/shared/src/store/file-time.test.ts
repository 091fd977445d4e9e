/** A file's time is the date of its first message; a disk that refuses is no failure. */
import { linkSync, lstatSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { lowerTime, setTime } from './file-time.js';

const test = base.extend<{ file: string }>({
  file: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-time-'));
    const file = join(folder, 'file');
    writeFileSync(file, 'abc');
    await use(file);
    rmSync(folder, { recursive: true });
  },
});

const [early, middle, late] = ['2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'].map(
  (it) => new Date(it),
) as [Date, Date, Date];
const timeOf = (path: string) => lstatSync(path).mtime;
const never = () => Promise.reject(new Error('the first date is known'));

test('is set for all hard links, and left as it is by a message without a date', async ({ file }) => {
  linkSync(file, `${file}.link`);
  await setTime(file, middle);
  await setTime(file, null);
  expect(timeOf(`${file}.link`)).toEqual(middle);
});

test('is not set through a symbolic link, nor where there is nothing, nor where the disk refuses', async ({ file }) => {
  utimesSync(file, late, late);
  symlinkSync(file, `${file}.link`);
  await setTime(`${file}.link`, early);
  expect(timeOf(file)).toEqual(late);
  await setTime(`${file}.missing`, early);
  await setTime('/proc/version', early); // can be opened, but has no time that anybody may set
});

test('is lowered by an older message that is found later', async ({ file }) => {
  await setTime(file, middle);
  await lowerTime(file, late, never);
  await lowerTime(file, null, never);
  expect(timeOf(file)).toEqual(middle);
  await lowerTime(file, early, never);
  expect(timeOf(file)).toEqual(early);
});

test('that is still that of the download becomes that of the first of all messages', async ({ file }) => {
  utimesSync(file, 1_900_000_000.5, 1_900_000_000.5);
  await lowerTime(file, late, async () => early);
  expect(timeOf(file)).toEqual(early);
});
