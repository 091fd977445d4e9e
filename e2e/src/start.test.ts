/** start.test.ts: `npm start` on a bare machine: the demo, the whole fleet, an embedded Postgres, and what a killed run leaves behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Environment, writeEnvironment } from '@tgsync/shared/config';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { patience } from '@tgsync/testing';
import { expect, test as base, vi } from 'vitest';
import { spawnTgsync, tgsync } from './command-line.js';
import { problemsInEditor } from './editor.js';

const test = base.extend<{ env: Environment }>({
  env: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'tgsync-start-'));
    chmodSync(data, 0o755); // when run as root, Postgres' user must be able to enter it
    const [appdata, media, temp] = ['appdata', 'media', 'temp'].map((it) => join(data, it)) as [string, string, string];
    // Another process may have the demo's usual port.
    await use({ data, appdata, media, temp, databaseUrl: undefined, redisUrl: undefined, dashboard: { port: 0 } });
    await openEmbeddedPostgres(join(data, 'demo', 'postgres')).then((it) => it.stop());
    rmSync(data, { recursive: true, force: true });
  },
});

function inDemo({ data }: Environment): Environment {
  const demo = join(data, 'demo');
  const folders = { data: demo, appdata: join(demo, 'appdata'), media: join(demo, 'media'), temp: join(demo, 'temp') };
  return { ...folders, databaseUrl: undefined, redisUrl: undefined };
}

interface Status {
  chats: { messages: number; owedIds: string; mediaSaved: number; mediaOwed: number }[];
  failed: unknown[];
}

/** The status of the demo's archive, from `tgsync status --json`. */
async function demoStatus(env: Environment): Promise<Status> {
  const { stdout } = await tgsync(inDemo(env), ['status', '--json']);
  return JSON.parse(stdout) as Status;
}

function isWhole({ chats }: Status): boolean {
  return chats.length >= 12 && chats.every((it) => it.owedIds === '0' && it.mediaOwed === 0 && it.messages > 0);
}

test(
  'without a config.json it completes the demo, once, again, and after a killed run',
  { tags: 'thorough' },
  async ({ env }) => {
    const first = await tgsync(env, ['start', '--once']);
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(first.stdout).toContain('running the demo');
    expect(first.stdout).toMatch(/15 of 15 chats read · 3,\d\d\d messages · 3\d\d files saved/);
    expect(first.stdout).toMatch(/Dashboard: http:\S+, user tgsync, password in \S+dashboard\.password\./);
    expect(first.stdout).toMatch(/Or open this link, .*: http:\S+\/\?token=[\w.-]{60,}\n/);
    const logs = join(env.data, 'demo', 'logs');
    for (const name of readdirSync(logs)) expect(readFileSync(join(logs, name), 'utf8'), name).not.toContain('token=');
    const reported = await demoStatus(env);
    expect(reported.failed).toEqual([]);
    expect(isWhole(reported), JSON.stringify(reported)).toBe(true);
    expect(readdirSync(join(env.data, 'demo', 'media', 'photo-by-id')).length).toBeGreaterThan(50);

    // If nobody reads its output, verify exits silently.
    const unread = spawnTgsync(inDemo(env), ['verify', '--json', '--offline']);
    unread.stdout.destroy();
    let complaint = '';
    unread.stderr.on('data', (chunk) => (complaint += String(chunk)));
    await once(unread, 'close');
    expect(complaint).toBe('');
    expect(existsSync(postmasterPid(env))).toBe(false);

    const configFile = join(env.data, 'demo', 'appdata', 'config.json');
    expect(problemsInEditor(configFile)).toEqual([]);
    const edited = readFileSync(configFile, 'utf8').replace('"sync_interval": 10', '"sync_interval": 11 /* my own */');
    writeFileSync(configFile, edited);
    const running = spawnTgsync(env, ['start']);
    await linesOf(running.stdout)(/chats read/);
    expect(readFileSync(configFile, 'utf8')).toBe(edited);
    const refused = await tgsync(env, ['start', '--once']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('already running');
    running.kill('SIGKILL');
    await once(running, 'exit');

    const after = await tgsync(env, ['start', '--once']);
    expect(after.code, after.stdout + after.stderr).toBe(0);
    expect(after.stdout).toContain('already running (pid'); // the Postgres that the killed run left
  },
);

test(
  'a Postgres that dies is restarted, and the fleet continues; npm stops everything when told to stop',
  { tags: 'thorough' },
  async ({ env }) => {
    const npm = npmStart(env);
    const until = linesOf(npm.stdout);
    const [dashboard] = await Promise.all([until(/^Dashboard: /), until(/[1-9]\d* messages/)]);
    const readyz = `${/http:[^,]+/.exec(dashboard)![0]}/readyz`;
    const postmaster = Number.parseInt(readFileSync(postmasterPid(env), 'utf8'), 10);
    process.kill(postmaster, 'SIGKILL');
    await until(/Postgres: exited unexpectedly; restarting/);
    await vi.waitUntil(async () => (await fetch(readyz)).ok, patience);
    await vi.waitUntil(async () => isWhole(await demoStatus(env)), patience);
    npm.kill('SIGTERM');
    await once(npm, 'close'); // no process has its output open any more
    expectNothingRuns(env);
  },
);

test('a killed npm stops everything, and so does a closed terminal, even if nobody reads the output', async ({
  env,
}) => {
  const npm = npmStart(env);
  await linesOf(npm.stdout)(/Postgres: starting/);
  npm.kill('SIGKILL');
  await once(npm, 'close');
  expectNothingRuns(env);

  const running = spawnTgsync(env, ['start']);
  await linesOf(running.stdout)(/Logs in/);
  running.stdout.destroy();
  running.stderr.destroy();
  running.kill('SIGHUP');
  const [code] = (await once(running, 'exit')) as [number];
  expect(code).toBe(0);
  expectNothingRuns(env);
});

function npmStart(env: Environment) {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return spawn('npm', ['start'], { cwd, stdio: [...stdio], env: { ...process.env, ...writeEnvironment(env) } });
}

function expectNothingRuns(env: Environment): void {
  expect(readFileSync(join(env.data, 'demo', 'running.pid'), 'utf8')).toBe('');
  expect(existsSync(postmasterPid(env))).toBe(false);
}

function postmasterPid({ data }: Environment): string {
  return join(data, 'demo', 'postgres', 'data', 'postmaster.pid');
}

/** Resolves with the next matching line; rejects with the lines seen if there will be none. */
function linesOf(stream: NodeJS.ReadableStream): (pattern: RegExp) => Promise<string> {
  const lines = createInterface({ input: stream });
  return async (pattern) => {
    const seen: string[] = [];
    const over = AbortSignal.timeout(patience.timeout);
    const noMatch = () => new Error(`no line matches ${pattern.source}:\n${seen.join('\n')}`);
    return await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        seen.push(line);
        if (pattern.test(line)) resolve(line);
      });
      lines.once('close', () => reject(noMatch()));
      over.addEventListener('abort', () => reject(noMatch()));
    });
  };
}
