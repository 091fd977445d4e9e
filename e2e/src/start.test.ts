/** start.test.ts: `npm start` on a bare machine: the demo, the whole fleet, an embedded Postgres, and what a killed run leaves behind. */
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Environment } from '@tgsync/shared/config';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { expect, test as base } from 'vitest';
import { spawnTgsync, tgsync } from './command-line.js';

const test = base.extend<{ env: Environment }>({
  env: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'tgsync-start-'));
    chmodSync(data, 0o755); // as root, Postgres' own user has to enter it
    const [appdata, media, temp] = ['appdata', 'media', 'temp'].map((it) => join(data, it)) as [string, string, string];
    await use({ data, appdata, media, temp, databaseUrl: undefined, redisUrl: undefined });
    await openEmbeddedPostgres(join(data, 'demo', 'postgres')).then((it) => it.stop());
    rmSync(data, { recursive: true, force: true });
  },
});

/** The status of the demo's archive, as `tgsync status --json` tells it. */
async function demoStatus({ data }: Environment) {
  const demo = join(data, 'demo');
  const env = { data: demo, appdata: join(demo, 'appdata'), media: join(demo, 'media'), temp: join(demo, 'temp') };
  const { stdout } = await tgsync({ ...env, databaseUrl: undefined, redisUrl: undefined }, ['status', '--json']);
  return JSON.parse(stdout) as {
    chats: { messages: number; owedIds: string; mediaSaved: number; mediaOwed: number }[];
    failed: unknown[];
  };
}

test('without a config.json it runs the demo to its end, and again, and after a run that was killed', async ({
  env,
}) => {
  const first = await tgsync(env, ['start', '--once']);
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(first.stdout).toContain('running the demo');
  expect(first.stdout).toMatch(/15 of 15 chats read · 3,\d\d\d messages · 3\d\d files saved/);
  const { chats, failed } = await demoStatus(env);
  expect(chats.length).toBeGreaterThanOrEqual(12);
  expect(chats.every((it) => it.owedIds === '0' && it.mediaOwed === 0 && it.messages > 0)).toBe(true);
  expect(failed).toEqual([]);
  expect(readdirSync(join(env.data, 'demo', 'media', 'photo-by-id')).length).toBeGreaterThan(50);

  const running = spawnTgsync(env, ['start']);
  await untilLine(running.stdout, /chats read/);
  const refused = await tgsync(env, ['start', '--once']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('already running');
  running.kill('SIGKILL');
  await once(running, 'exit');
  expect(existsSync(join(env.data, 'demo', 'running.pid'))).toBe(true);

  const after = await tgsync(env, ['start', '--once']);
  expect(after.code, after.stdout + after.stderr).toBe(0);
  expect(after.stdout).toContain('already running (pid'); // the Postgres that the killed run left
});

test('SIGTERM ends the whole fleet cleanly', async ({ env }) => {
  const running = spawnTgsync(env, ['start']);
  await untilLine(running.stdout, /[1-9]\d* messages/);
  running.kill('SIGTERM');
  const [code] = (await once(running, 'exit')) as [number];
  expect(code).toBe(0);
  expect(existsSync(join(env.data, 'demo', 'running.pid'))).toBe(false);
  expect(existsSync(join(env.data, 'demo', 'postgres', 'data', 'postmaster.pid'))).toBe(false);
});

async function untilLine(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    if (pattern.test(line)) break;
  }
  stream.resume();
}
