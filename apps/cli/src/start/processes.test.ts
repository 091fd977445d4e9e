/** The fleet's processes: one that crashes is restarted, one that needs the person ends the fleet, and a lost log file ends nothing. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test as base } from 'vitest';
import { type AppName, Fleet } from './processes.js';
import { afterEnd } from './restarts.js';

interface Started {
  fleet: Fleet;
  /** Resolves with the app's messages once a line contains the word. */
  until: (word: string) => Promise<string[]>;
}

const test = base.extend<{ folder: string; start: (app: AppName, program: string, ...args: string[]) => Started }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-processes-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  start: async ({ folder }, use) => {
    const fleets: Fleet[] = [];
    await use((app, program, ...args) => {
      const file = join(folder, 'app.mjs');
      writeFileSync(file, program);
      const said: string[] = [];
      const waiting: (() => void)[] = [];
      const fleet = new Fleet({
        env: { FOLDER: folder },
        logs: join(folder, 'logs'),
        onLine: (_, { msg }) => {
          said.push(msg);
          for (const look of waiting) look();
        },
        programOf: () => file,
      });
      fleets.push(fleet);
      fleet.start(app, args);
      const until = (word: string) =>
        new Promise<string[]>((resolve) => {
          const look = () => said.some((it) => it.includes(word)) && resolve(said);
          waiting.push(look);
          look();
        });
      return { fleet, until };
    });
    for (const it of fleets) await it.stop();
  },
});

/** Exits with the code at its first start, and keeps running at the next. */
const first = (end: string) => `
  import { existsSync, writeFileSync } from 'node:fs';
  const seen = process.env.FOLDER + '/seen';
  if (existsSync(seen)) { console.log('here again'); setInterval(() => {}, 1000); }
  else { writeFileSync(seen, ''); ${end} }`;

test.for([
  ['fetch-worker', 'process.exit(70)', []],
  ['fetch-worker', `throw new Error('terminating connection')`, []],
  ['scheduler', 'process.exit(70)', ['--once']],
  ['scheduler', `process.kill(process.pid, 'SIGKILL')`, ['--once']],
] as const)('a %s that ends by %s soon after its start is started again', async ([app, end, args], { start }) => {
  const { fleet, until } = start(app, first(end), ...args);
  const said = await Promise.race([until('here again'), fleet.ended]);
  expect(said).toContainEqual(expect.stringMatching(/(exited with code \d+|was killed); restarting/));
});

test('an error that a person must fix ends the fleet, and so does the end of --once', async ({ start }) => {
  expect(await start('media-worker', first('process.exit(78)')).fleet.ended).toBe(1);
  expect(await start('scheduler', 'process.exit(0)', '--once').fleet.ended).toBe(0);
  expect(await start('scheduler', 'process.exit(1)', '--once').fleet.ended).toBe(1);
});

test('a process that keeps exiting at once is restarted with growing pauses, then given up', () => {
  const ends = Array.from({ length: 11 }, (_, index) => afterEnd({ code: 70, isOnce: false, quickEnds: index + 1 }));
  expect(ends.slice(0, 6)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000].map((restartMs) => ({ restartMs })));
  expect(ends.at(-1)).toEqual({ end: 70 });
  expect(afterEnd({ code: null, isOnce: false, quickEnds: 0 })).toEqual({ restartMs: 1000 });
});

test('log files that cannot be written lose lines, which is reported once', async ({ folder, start }) => {
  writeFileSync(join(folder, 'logs'), 'a file in place of the folder');
  const { until } = start('media-worker', `console.log('one'); console.log('two'); setInterval(() => {}, 1000);`);
  const said = await until('two');
  expect(said.filter((it) => it.includes('cannot be written'))).toHaveLength(1);
});

test('log files are not readable by everybody', async ({ folder, start }) => {
  const { until } = start('media-worker', `console.log('one'); setInterval(() => {}, 1000);`);
  await until('one');
  const file = join(folder, 'logs', 'media-worker.log');
  expect(readFileSync(file, 'utf8')).toBe('one\n');
  expect([statSync(file).mode & 0o007, statSync(dirname(file)).mode & 0o007]).toEqual([0, 0]);
});

test('log files of an earlier version are made private', async ({ folder, start }) => {
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  writeFileSync(join(logs, 'media-worker.log'), 'yesterday\n');
  chmodSync(logs, 0o755);
  chmodSync(join(logs, 'media-worker.log'), 0o644);
  const { until } = start('media-worker', `console.log('one'); setInterval(() => {}, 1000);`);
  await until('one');
  expect(readFileSync(join(logs, 'media-worker.log'), 'utf8')).toBe('yesterday\none\n');
  expect(statSync(join(logs, 'media-worker.log')).mode & 0o777).toBe(0o640);
  expect(statSync(logs).mode & 0o777).toBe(0o750);
});
