/**
 * /readyz: the failing probes for anyone, the reasons for whoever has the password, like docker/health.sh; and nobody can exhaust the
 * server.
 */
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base } from 'vitest';
import { Health, serveHealth } from './health.js';
import { limitConnections, patience } from './http-limits.js';

const password = 'p'.repeat(32);
const reason = 'The disk of /srv/media is full.';
const inWords = { ready: false, problems: { fleet: reason } };
const inShort = { ready: false, problems: { fleet: 'failing' } };

const test = base.extend<{
  appdata: string;
  serve: (options?: { health?: Health; password?: string | null; limits?: typeof patience }) => Promise<Server>;
}>({
  appdata: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-health-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  serve: async ({}, use) => {
    const servers: Server[] = [];
    await use(async ({ health = sick(), password: it = password, limits = patience } = {}) => {
      const server = await serveHealth(health, 0, { host: '127.0.0.1', password: () => it ?? undefined, limits });
      servers.push(server);
      return server;
    });
    for (const it of servers) it.close().closeAllConnections();
  },
});

function sick(): Health {
  const health = new Health();
  health.watch('fleet', () => reason);
  health.watch('queue', () => undefined);
  return health;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

async function ready(server: Server, authorization?: string) {
  const response = await fetch(`http://127.0.0.1:${portOf(server)}/readyz`, {
    headers: { ...(authorization && { authorization }) },
  });
  return { status: response.status, body: await response.json() };
}

test('anyone sees which probe fails; the reason requires the password', async ({ serve }) => {
  const server = await serve();
  for (const it of [
    undefined,
    'x',
    basic('tgsync:'),
    basic(`tgsync:${password}x`),
    basic(`admin:${password}`),
    basic(password),
  ])
    expect(await ready(server, it)).toEqual({ status: 503, body: inShort });
  expect(await ready(server, basic(`tgsync:${password}`))).toEqual({ status: 503, body: inWords });
  const without = await serve({ password: null });
  for (const it of [undefined, basic('tgsync:'), basic('tgsync:undefined')])
    expect(await ready(without, it)).toEqual({ status: 503, body: inShort });
  expect(await ready(await serve({ health: new Health() }))).toEqual({
    status: 200,
    body: { ready: true, problems: {} },
  });
});

test('facts, such as when something happened last, require the password, too', async ({ serve }) => {
  const health = new Health();
  health.note('last update', () => '2026-11-29T12:00:00.000Z');
  health.note('first update', () => undefined);
  const server = await serve({ health });
  expect((await ready(server)).body).toEqual({ ready: true, problems: {} });
  const facts = { 'last update': '2026-11-29T12:00:00.000Z' };
  expect((await ready(server, basic(`tgsync:${password}`))).body).toEqual({ ready: true, problems: {}, facts });
});

const script = fileURLToPath(new URL('../../../../docker/health.sh', import.meta.url));

test('docker/health.sh shows the reason to the user who owns the password file', async ({ appdata, serve }) => {
  const check = async (server: Server, program = 'bash', ...args: string[]) =>
    await new Promise<{ code: number; stdout: string }>((resolve) => {
      const env = { ...process.env, TGSYNC_APPDATA: appdata, TGSYNC_HEALTH_PORT: `${portOf(server)}` };
      const child = execFile(program, [...args, script], { env }, (_, stdout) =>
        resolve({ code: child.exitCode!, stdout }),
      );
    });
  const server = await serve();
  expect(await check(server)).toEqual({ code: 1, stdout: `${JSON.stringify(inShort)}\n` });
  writeFileSync(join(appdata, 'dashboard.password'), `${password}\n`, { mode: 0o600 });
  expect(await check(server)).toEqual({ code: 1, stdout: `${JSON.stringify(inWords)}\n` });
  if (process.getuid?.() === 0) {
    spawnSync('chown', ['-R', '1234:1234', appdata]);
    const withoutRights = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', 'bash'] as const; // as in the container
    expect(await check(server, ...withoutRights)).toEqual({ code: 1, stdout: `${JSON.stringify(inWords)}\n` });
  }
  expect((await check(await serve({ health: new Health() }))).code).toBe(0);
});

test('a client that never stops sending is cut off, and so is one connection too many', async ({ serve }) => {
  const server = await serve({
    limits: { ...patience, headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 },
  });
  const slow = connect(portOf(server), '127.0.0.1');
  slow.write('GET /healthz HTTP/1.1\r\nX');
  slow.resume();
  await once(slow, 'close');
  limitConnections(server, 2);
  const open = [1, 2].map(() => connect(portOf(server), '127.0.0.1'));
  await Promise.all(open.map((it) => once(it, 'connect')));
  const dropped = once(server, 'drop');
  const third = connect(portOf(server), '127.0.0.1');
  third.on('error', () => {});
  await dropped;
  for (const it of [...open, third]) it.destroy();
  expect((await serve()).maxConnections).toBe(256);
});

test('a browser shows what is wrong, once the password is given', async ({ serve }) => {
  const health = new Health();
  health.watch('config', () => 'a <b>wrong</b> value: run `tgsync login`');
  const server = await serve({ health });
  const { port } = server.address() as AddressInfo;
  const page = async (path: string, headers: Record<string, string> = {}) =>
    await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/html', ...headers } });
  const stranger = await page('/queues');
  expect(stranger.status).toBe(401);
  expect(stranger.headers.get('www-authenticate')).toContain('Basic');
  expect(await stranger.text()).not.toContain('wrong');
  const authorization = `Basic ${Buffer.from(`tgsync:${password}`).toString('base64')}`;
  const owner = await page('/', { authorization });
  expect(owner.status).toBe(503);
  const text = await owner.text();
  expect(text).toContain('tgsync cannot work right now.');
  expect(text).toContain('config: a &#60;b&#62;wrong&#60;/b&#62; value: run `npm run -s tgsync -- login`');
  expect((await fetch(`http://127.0.0.1:${port}/queues`)).status).toBe(404); // a program gets JSON as ever
});
