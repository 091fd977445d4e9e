/** The logs of `npm start` do not grow without limit, across restarts as well. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from './log-file.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tgsync-log-'));
  file = join(folder, 'scheduler.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = 'x'.repeat(99);
const open = () => new LogFile(file, (text) => expect.fail(text), 1000);
const lines = (name: string) => readFileSync(join(folder, name), 'utf8').trim().split('\n').length;

test('a full file is rotated, ten in all are kept, and a restart continues with the existing ones', () => {
  for (let count = 0; count < 25; count++) open().write(line);
  expect(readdirSync(folder).sort()).toEqual(['scheduler.log', 'scheduler.log.1', 'scheduler.log.2']);
  expect([lines('scheduler.log'), lines('scheduler.log.1'), lines('scheduler.log.2')]).toEqual([5, 10, 10]);
  const log = open();
  for (let count = 0; count < 300; count++) log.write(line);
  expect(readdirSync(folder)).toHaveLength(10);
});

test('each day has its own file', () => {
  writeFileSync(file, 'yesterday\n');
  const then = new Date(Date.now() - 86_400_000);
  utimesSync(file, then, then);
  open().write('today');
  expect(readFileSync(file, 'utf8')).toBe('today\n');
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('yesterday\n');
});

test('a file that cannot be rotated loses lines, which is reported once', () => {
  const said: string[] = [];
  const log = new LogFile(join(folder, 'none', 'x.log'), (text) => void said.push(text));
  writeFileSync(join(folder, 'none'), 'a file');
  for (let count = 0; count < 3; count++) log.write(line);
  expect(said).toEqual([expect.stringMatching(/cannot be written, losing log lines/)]);
});
