/** The log as a process writes it: every line is plain text, and a failing file costs nothing but its lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const cwd = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tgsync-log-'))));
afterEach(() => rmSync(folder, { recursive: true }));

interface Line {
  level: string;
  msg: string;
  reason?: string;
}

/** Runs `act` with a logger that follows `dir`; returns its output. */
async function run(dir: string, act: string): Promise<{ code: number; raw: string; lines: Line[] }> {
  const script = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { createAppLogger } from './dist/app/logger.js';
    const { log, follow } = createAppLogger('app');
    await follow({ level: 'info', dir: ${JSON.stringify(dir)} });
    ${act}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let raw = '';
  child.stdout.on('data', (chunk) => (raw += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  const lines = raw
    .split('\n')
    .filter(Boolean)
    .map((it) => JSON.parse(it) as Line);
  return { code, raw, lines };
}

const title = 'cats\u001B]0;owned\u0007\u009B2J\u202Etxt.exe';

test('text from strangers stays text in every line, also in error messages', async () => {
  const { raw } = await run(
    folder,
    `log.warn({ title: ${JSON.stringify(title)}, err: new Error(${JSON.stringify(title)}) }, ${JSON.stringify(title)})`,
  );
  expect(raw).not.toMatch(/[\u007F-\u009F\u202E]|\\u00[01]/);
  expect(raw).toContain('cats]0;owned2Jtxt.exe');
});

test('logs of an earlier version are made private, and nothing else in the folder is touched', async () => {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { mode: 0o755 });
  const put = (name: string, mode: number) => {
    writeFileSync(join(logs, name), 'yesterday');
    chmodSync(join(logs, name), mode);
  };
  put(`fetch-worker-${hostname()}.2026-01-01.1.log`, 0o644);
  put('scheduler-other.1.log', 0o600);
  put('nginx.log', 0o644);
  symlinkSync(join(logs, 'nginx.log'), join(logs, 'media-worker-link.log'));
  const modes = () => readdirSync(logs).map((it) => [it, statSync(join(logs, it)).mode & 0o777]);
  expect((await run(logs, '')).code).toBe(0);
  const expected = [
    [`fetch-worker-${hostname()}.2026-01-01.1.log`, 0o640],
    ['scheduler-other.1.log', 0o600],
    ['nginx.log', 0o644],
  ];
  expect(modes()).toEqual(expect.arrayContaining(expected));
  expect(statSync(logs).mode & 0o777).toBe(0o755);
  for (const name of readdirSync(logs))
    if (!name.startsWith('fetch') && !name.startsWith('sched')) rmSync(join(logs, name));
  expect((await run(logs, '')).code).toBe(0);
  expect(statSync(logs).mode & 0o777).toBe(0o750);
});

test('log files are not readable by everybody', async () => {
  expect((await run(join(folder, 'logs'), `log.info('line'); await sleep(50);`)).code).toBe(0);
  expect(statSync(join(folder, 'logs')).mode & 0o777).toBe(0o750);
  const [name] = readdirSync(join(folder, 'logs'));
  expect(name).toContain(hostname());
  expect(statSync(join(folder, 'logs', name!)).mode & 0o777).toBe(0o640);
  expect(readFileSync(join(folder, 'logs', name!), 'utf8')).toContain('"msg":"line"');
});

const busy = `for (let nth = 0; nth < 50; nth++) { log.info({ nth, long: 'x'.repeat(50_000) }, 'line'); await sleep(2); }`;

test.each([
  ['a file in its place', (dir: string) => writeFileSync(dir, '')],
  ['a link to nowhere', (dir: string) => symlinkSync('/nowhere/logs', dir)],
])('a folder that cannot be used (%s) is one sentence, and the work goes on', async (_, corrupt) => {
  const dir = join(folder, 'logs');
  corrupt(dir);
  const { code, lines } = await run(dir, busy);
  expect(code).toBe(0);
  expect(lines.filter((it) => it.msg === 'line')).toHaveLength(50);
  expect(lines.filter((it) => it.level === 'warn').map((it) => it.msg)).toEqual([
    'cannot write to log.dir; log lines there are being lost',
  ]);
});

test.skipIf(process.platform !== 'linux')('a disk that fills up is one sentence, and the work goes on', async () => {
  symlinkSync('/dev/full', join(folder, `app-${hostname()}.1.log`));
  const { code, lines } = await run(folder, busy);
  expect(code).toBe(0);
  expect(lines.filter((it) => it.msg === 'line')).toHaveLength(50);
  expect(lines.filter((it) => it.level === 'warn')).toEqual([
    expect.objectContaining({ reason: expect.stringContaining('ENOSPC') as string }),
  ]);
});

test.each([
  ['json', /^\{"level":"info".*"msg":"hello"\}$/m],
  ['pretty', /^\[\d\d:\d\d:\d\d\] .*INFO.*hello/m],
])('log.format %s', async (format, form) => {
  const script = `
    import { createAppLogger } from './dist/app/logger.js';
    const { log, follow } = createAppLogger('app');
    await follow({ level: 'info', dir: null, format: '${format}' });
    log.info('hello');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let raw = '';
  child.stdout.on('data', (chunk) => (raw += String(chunk)));
  await once(child, 'close');
  expect(raw).toMatch(form);
});
