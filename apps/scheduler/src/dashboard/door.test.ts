/** Who gets in and who does not, tested on the real server: with a link, a cookie, a password; and what strangers learn. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, Health, patience } from '@tgsync/shared/app';
import { type Environment, readEnvironment } from '@tgsync/shared/config';
import { DashboardAccess } from '@tgsync/shared/dashboard-access';
import { openQueues, type Queues } from '@tgsync/shared/jobs';
import { test as base } from '@tgsync/testing';
import { hashSync } from 'bcryptjs';
import { expect } from 'vitest';
import { type Dashboard, type DashboardSettings, serveDashboard } from './serve.js';

interface Answer {
  status: number;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

interface Served {
  env: Environment;
  queues: Queues;
  lines: { level: string; msg: string; count?: number }[];
  serve(options?: {
    configured?: string | null;
    open?: boolean;
    settings?: Partial<DashboardSettings>;
  }): Promise<Dashboard>;
}

const test = base.extend<Served>({
  env: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-door-'));
    await use(readEnvironment({ TGSYNC_APPDATA: folder }));
    rmSync(folder, { recursive: true, force: true });
  },
  queues: async ({ databaseUrl }, use) => {
    const queues = await openQueues({ redisUrl: undefined, databaseUrl, archive: 'test' }, () => {});
    await use(queues);
    await queues.close();
  },
  lines: async ({}, use) => {
    await use([]);
  },
  serve: async ({ env, queues, lines }, use) => {
    const dashboards: Dashboard[] = [];
    const health = new Health();
    health.watch('fleet', () => 'The disk of /srv/media at nas.lan is full.');
    const log = createLogger('scheduler', 'silent');
    for (const level of ['info', 'warn'] as const)
      log[level] = ((fields: object, msg: string) => void lines.push({ level, msg, ...fields })) as never;
    await use(async ({ configured = null, open = false, settings = {} } = {}) => {
      const access = open ? null : new DashboardAccess(env, configured);
      const parts = {
        queues,
        health,
        log,
        troubles: async () => [],
        metrics: async () => 'tgsync_troubles 0\n',
        access,
        calledAs: 'docker compose run --rm tgsync',
      };
      const dashboard = await serveDashboard(parts, { host: '127.0.0.1', port: 0, hosts: [], ...settings });
      dashboards.push(dashboard);
      return dashboard;
    });
    for (const it of dashboards) await it.close();
  },
});

/** Uses node:http, because `fetch` sets some headers itself. */
async function ask(
  url: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '', from = '127.0.0.1' } = {},
) {
  return await new Promise<Answer>((resolve, reject) => {
    const asked = request(url, { method, headers, localAddress: from, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
      response.on('error', reject);
    });
    asked.on('error', reject).end(body);
  });
}

const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`tgsync:${password}`).toString('base64')}`,
});
const ownPassword = (env: Environment) => readFileSync(join(env.appdata, 'dashboard.password'), 'utf8').trim();
const cookieOf = (it: Answer) => String(it.headers['set-cookie']).split(';')[0]!;
const navigation = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', accept: 'text/html' };

test('the page asks for a password by default, and says how to get in', async ({ env, serve }) => {
  const { url } = await serve();
  const password = new DashboardAccess(env, null).own;
  for (const path of [
    '/',
    '/queues',
    '/queues/api/queues',
    '/troubles',
    '/banner.js',
    '/queues/static/favicon.ico',
    '/x',
  ]) {
    const { status, text, headers } = await ask(url + path);
    expect({ path, status }).toEqual({ path, status: 401 });
    expect(headers['www-authenticate']).toContain('Basic');
    expect(text).toContain('the password is in the file dashboard.password');
    expect(text).toContain('`docker compose run --rm tgsync status`, which prints a login link');
    expect(text).not.toContain(env.appdata);
  }
  const html = await ask(`${url}/queues`, navigation);
  expect(html.headers['content-type']).toContain('text/html');
  expect(html.text).toContain('<p>The user is tgsync; the password is in the file dashboard.password');
  expect((await ask(`${url}/healthz`)).text).toBe('{"alive":true}');
  expect((await ask(`${url}/queues`, basic(password))).status).toBe(200);
  expect(ownPassword(env)).toBe(password);
  expect((await ask(`${url}/queues/api/queues`, basic('x'.repeat(32)))).status).toBe(401);
});

test('a password in config.json replaces it', async ({ env, serve }) => {
  const { url } = await serve({ configured: 'correct-horse' });
  expect((await ask(`${url}/queues`)).text).toContain('set in config.json');
  expect((await ask(`${url}/queues`, basic('correct-horse'))).status).toBe(200);
  new DashboardAccess(env, null).makeLink(); // the file exists all the same
  expect((await ask(`${url}/queues`, basic(ownPassword(env)))).status).toBe(401);
});

test('only the explicit setting opens it to everyone', async ({ serve }) => {
  const { url } = await serve({ open: true });
  expect((await ask(`${url}/queues`)).status).toBe(200);
  expect((await ask(`${url}/readyz`)).text).toContain('nas.lan');
});

test('a link lets one browser in, once; its cookie survives a restart and is useless to scripts and other pages', async ({
  env,
  serve,
}) => {
  const first = await serve();
  const link = new DashboardAccess(env, null).makeLink(); // as the command line makes it
  expect((await ask(first.url + link, {}, { method: 'HEAD' })).status).toBe(401); // a preview uses nothing up
  const entered = await ask(first.url + link, navigation);
  expect(entered.status).toBe(303);
  expect(entered.headers['location']).toBe('/queues');
  expect(entered.headers['cache-control']).toBe('no-store');
  const cookie = String(entered.headers['set-cookie']);
  expect(cookie).toMatch(/^tgsync_[0-9a-f]{12}=[\w.-]{60,}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
  expect((await ask(`${first.url}/queues`, { cookie: cookieOf(entered) })).status).toBe(200);

  const again = await ask(first.url + link, navigation);
  expect(again.status).toBe(403);
  expect(again.text).toContain('already been used or has expired');
  expect(again.headers['set-cookie']).toBeUndefined();
  expect((await ask(first.url + link, { ...navigation, cookie: cookieOf(entered) })).status).toBe(303); // who is in is in
  for (const token of ['', 'x', 'x'.repeat(5000), '%00'])
    expect((await ask(`${first.url}/?token=${token}`)).status).toBe(403);

  const second = await serve();
  expect((await ask(`${second.url}/queues`, { cookie: cookieOf(entered) })).status).toBe(200);
  expect((await ask(second.url + link)).status).toBe(403);
  expect((await ask(`${second.url}/queues`, { cookie: `${cookieOf(entered)}x` })).status).toBe(401);
  rmSync(join(env.appdata, 'dashboard.password'));
  expect((await ask(`${second.url}/queues`, { cookie: cookieOf(entered) })).status).toBe(401);
});

test('a browser that gave the password gets a cookie, and never waits because others guess', async ({ env, serve }) => {
  const { url } = await serve({ configured: hashSync('correct-horse', 4) });
  const entered = await ask(`${url}/queues`, { ...navigation, ...basic('correct-horse') });
  expect(entered.status).toBe(200);
  await ask(`${url}/queues`, basic('correct-horse')); // as curl
  const wrong = await Promise.all(Array.from({ length: 40 }, (_, nth) => ask(`${url}/queues`, basic(`guess ${nth}`))));
  expect(wrong.filter((it) => it.status === 429).length).toBeGreaterThan(35);
  const { headers, text } = wrong.find((it) => it.status === 429)!;
  expect(text).toContain(`Wait ${String(headers['retry-after'])} s`);
  expect((await ask(`${url}/queues`, { cookie: cookieOf(entered) })).status).toBe(200);
  expect((await ask(`${url}/queues`, basic('correct-horse'))).status).toBe(200);
  expect((await ask(`${url}/queues`, basic('correct-horse'), { from: '127.9.9.9' })).status).toBe(429); // nobody's address yet
  expect((await ask(url + new DashboardAccess(env, hashSync('x', 4)).makeLink())).status).toBe(403); // of another password
});

test('/healthz answers at once while hashes are computed, and the log has two lines for many guesses', async ({
  serve,
  lines,
}) => {
  const dashboard = await serve({ configured: hashSync('correct-horse', 13) });
  const state = { isDone: false };
  const guesses = Promise.all(
    Array.from({ length: 20 }, (_, nth) =>
      ask(`${dashboard.url}/queues`, basic(`guess ${nth}`), { from: `127.0.0.${nth + 1}` }),
    ),
  ).finally(() => (state.isDone = true));
  let answered = 0;
  for (; !state.isDone; answered++) expect((await ask(`${dashboard.url}/healthz`)).status).toBe(200);
  expect(answered).toBeGreaterThan(15); // computed on this thread: five or so
  expect((await guesses).filter((it) => it.status === 401)).toHaveLength(1);
  const told = () => lines.filter((it) => it.level === 'warn').map(({ msg, count }) => ({ msg, count }));
  expect(told()).toEqual([{ msg: 'dashboard: wrong user or password', count: undefined }]);
  await dashboard.close().catch(() => {});
  expect(told().slice(1)).toEqual([{ msg: 'dashboard: no more wrong passwords', count: 20 }]);
});

test('a page of another site uses up none of the owner’s tries', async ({ env, serve }) => {
  const { url } = await serve();
  const password = new DashboardAccess(env, null).own;
  for (const site of ['cross-site', 'same-site']) {
    for (let nth = 0; nth < 10; nth++) {
      const way = { ...navigation, 'sec-fetch-site': site, ...basic(`guess ${nth}`) };
      const { status, text, headers } = await ask(`${url}/queues/queue/media?status=failed&x="><b>`, way);
      expect(status).toBe(200);
      expect(headers['www-authenticate']).toBeUndefined();
      expect(text).toContain('content="0;url=/queues/queue/media?status=failed&amp;x=%22%3E%3Cb%3E"'); // goes on from here
    }
    expect((await ask(`${url}//evil.example/`, { ...navigation, 'sec-fetch-site': site })).text).toContain(
      'url=/queues"',
    );
    const picture = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', ...basic('guess') };
    expect((await ask(`${url}/queues`, picture)).status).toBe(403);
    expect((await ask(`${url}/readyz`, picture)).text).not.toContain('nas.lan');
    const link = await ask(url + new DashboardAccess(env, null).makeLink(), { ...navigation, 'sec-fetch-site': site });
    expect(link.text).toContain('url=/queues"'); // as a terminal in a browser opens it
    expect(cookieOf(link)).toMatch(/^tgsync_/);
  }
  expect((await ask(`${url}/queues`, basic(password))).status).toBe(200);
});

test('/readyz tells strangers which probe fails, and the owner why', async ({ env, serve }) => {
  const { url } = await serve({ configured: 'correct-horse' });
  const access = new DashboardAccess(env, 'correct-horse');
  const short = '{"ready":false,"problems":{"fleet":"failing"}}';
  for (const headers of [undefined, basic('wrong password'), { cookie: `${access.cookieName}=x` }])
    expect(await ask(`${url}/readyz`, headers)).toMatchObject({ status: 503, text: short });
  const insiders = [
    { cookie: `${access.cookieName}=${access.makeSession()}` },
    basic(ownPassword(env)), // like the container's health check
  ];
  for (const headers of insiders)
    expect(JSON.parse((await ask(`${url}/readyz`, headers)).text)).toEqual({
      ready: false,
      problems: { fleet: 'The disk of /srv/media at nas.lan is full.' },
    });
});

test('an endless body is refused, and so is an endless request', async ({ env, serve }) => {
  const { url } = await serve({
    settings: { limits: { ...patience, headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 } },
  });
  const headers = basic(new DashboardAccess(env, null).own);
  const to = `${url}/queues/api/queues/media/pause`;
  expect((await ask(to, headers, { method: 'PUT', body: 'x'.repeat(65_537) })).status).toBe(413);
  expect((await ask(to, {}, { method: 'PUT', body: 'x'.repeat(65_537) })).status).toBe(413);
  const chunked = { ...headers, 'transfer-encoding': 'chunked' };
  expect((await ask(to, chunked, { method: 'PUT', body: 'x'.repeat(65_537) })).status).toBe(413);
  expect((await ask(to, headers, { method: 'PUT', body: 'x'.repeat(65_536) })).status).toBe(200);
  const starts = [
    'GET / HTTP/1.1\r\nHost: localhost\r\nX',
    `PUT ${new URL(to).pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx`,
  ];
  for (const start of starts) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(start);
    socket.resume();
    await once(socket, 'close');
  }
});

test('an IPv6 address is put in brackets', async ({ serve }) => {
  const { url } = await serve({ settings: { host: '::1' } });
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await ask(`${url}/healthz`, {}, { from: '::1' })).status).toBe(200);
});
