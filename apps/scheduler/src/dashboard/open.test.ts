/** A problem with the dashboard costs the page, not the scheduler; the link goes to the screen, never to a log file. */
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createLogger, Health, type Logger, Scope } from '@tgsync/shared/app';
import { parseConfig, readEnvironment } from '@tgsync/shared/config';
import { openQueues } from '@tgsync/shared/jobs';
import { test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { openDashboard } from './open.js';

interface Line {
  level: string;
  msg: string;
  [field: string]: unknown;
}

interface Opened {
  log: Line[];
  screen: Line[];
}

const test = base.extend<{ appdata: string; open: (dashboard: object, env?: NodeJS.ProcessEnv) => Promise<Opened> }>({
  appdata: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-open-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  open: async ({ appdata, databaseUrl }, use) => {
    const scope = new Scope();
    const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
    await use(async (dashboard, more = {}) => {
      const env = readEnvironment({ TGSYNC_APPDATA: appdata, ...more });
      const tg = { api_id: 1, api_hash: '0123456789abcdef0123456789abcdef' };
      const config = parseConfig(JSON.stringify({ tg, dashboard: { port: 0, ...dashboard } }));
      const [log, screen] = [linesOf(), linesOf()];
      const parts = {
        queues,
        health: new Health(),
        troubles: async () => [],
        metrics: async () => '',
        log: log.logger,
        screen: screen.logger,
      };
      await openDashboard(scope, parts, config, env);
      return { log: log.lines, screen: screen.lines };
    });
    await scope.close();
    await queues.close();
  },
});

function linesOf(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const logger = createLogger('scheduler', 'silent');
  for (const level of ['info', 'warn'] as const)
    logger[level] = ((first: object | string, msg: string) =>
      void lines.push(typeof first === 'string' ? { level, msg: first } : { level, msg, ...first })) as never;
  return { logger, lines };
}

test('the log says where it is and where its password is, only the screen has the link', async ({ open, appdata }) => {
  const { log, screen } = await open({});
  const { address } = log.find((it) => it.msg === 'dashboard listening')!;
  const file = join(appdata, 'dashboard.password');
  expect(log).toContainEqual({ level: 'info', msg: 'the dashboard requires a password; the user is tgsync', file });
  expect(screen.map((it) => it.msg)).toEqual([
    `Dashboard: ${address as string}, user tgsync, password in ${file}.`,
    expect.stringContaining(`${address as string}/?token=`) as string,
  ]);
  expect(JSON.stringify(log)).not.toContain('token');
  const link = screen[1]!.msg.split(': ')[1]!;
  const entered = await fetch(link, { redirect: 'manual' });
  expect([entered.status, entered.headers.get('location')]).toEqual([303, '/queues']);
});

test('the link leads to the published address', async ({ open }) => {
  const { screen } = await open({ host: '0.0.0.0' }, { TGSYNC_DASHBOARD_URL: 'http://127.0.0.1:3001' });
  expect(screen[1]!.msg).toContain('http://127.0.0.1:3001/?token=');
});

test('an unavailable host or port costs only the dashboard', async ({ open }) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  for (const [dashboard, setting] of [
    [{ host: '192.0.2.1' }, 'host'],
    [{ host: 'no-such-name.invalid' }, 'host'],
    [{ host: 'fe80::1%none' }, 'host'],
    [{ port }, 'port'],
  ] as const) {
    const { log, screen } = await open(dashboard);
    const reason = expect.stringContaining(`; choose another dashboard.${setting} in config.json`) as string;
    expect(log).toContainEqual({ level: 'warn', msg: 'no dashboard', reason });
    expect(screen).toEqual([]);
  }
  taken.close();
});

test('so does an unusable password file, and nobody gets in without a password because of it', async ({
  open,
  appdata,
}) => {
  symlinkSync(join(appdata, 'elsewhere'), join(appdata, 'dashboard.password'));
  const { log } = await open({});
  expect(log).toEqual([
    {
      level: 'warn',
      msg: 'no dashboard',
      reason: expect.stringContaining('Delete it') as string,
    },
  ]);
  expect(existsSync(join(appdata, 'elsewhere'))).toBe(false);
});

test('an obsolete setting is reported once, and so is an open dashboard', async ({ open, appdata }) => {
  const { log } = await open({ host: '0.0.0.0', trust_network: true });
  const warnings = log.filter((it) => it.level === 'warn').map((it) => it.msg);
  expect(warnings).toEqual([expect.stringMatching(/^dashboard\.trust_network no longer has any effect/) as string]);
  const { address } = log.find((it) => it.msg === 'dashboard listening')!;
  expect((await fetch(`${address as string}/queues`)).status).toBe(401);

  rmSync(join(appdata, 'dashboard.password'));
  const opened = await open({ open_to_everyone: true });
  expect(opened.log[0]!.msg).toMatch(/^the dashboard has no password/);
  expect((await fetch(`${opened.log[1]!['address'] as string}/queues`)).status).toBe(200);
  expect(opened.screen).toEqual([]);
  expect(existsSync(join(appdata, 'dashboard.password'))).toBe(false);
});
