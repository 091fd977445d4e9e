/**
 * secrets.test.ts: secrets are nowhere but where the person put them: in no log, queue, table, page or answer, not even at the finest log
 * level, and not when everything goes wrong.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadConfig } from '@tgsync/shared/config';
import { DashboardAccess } from '@tgsync/shared/dashboard-access';
import { Sessions } from '@tgsync/shared/session';
import { World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, test as base, patience } from '@tgsync/testing';
import pg from 'pg';
import { describe, expect, vi } from 'vitest';
import { tgsync } from './command-line.js';
import { dumpPostgres, dumpRedis, type Evidence, leaksIn, type Secret } from './leaks.js';
import { type SocksProxy, startSocksProxy } from './socks-proxy.js';

const core = (name: string) => `${name}${randomBytes(6).toString('hex')}`;
/** Characters that need quoting in a URL, in JSON, in a shell, in a page. */
const around = (it: string) => `p@s:s/w#o?r&d% "${it}" é\\'<b>`;

const apiHash = randomBytes(16).toString('hex');
const code = String(70_000_000_000 + (randomBytes(4).readUInt32BE() % 10_000_000_000));
const cores = {
  twoStep: core('twostep'),
  sealing: core('sealing'),
  dashboard: core('dashboard'),
  proxyUser: core('proxyuser'),
  proxy: core('proxypass'),
  database: core('database'),
  wrong: core('wrong'),
  redis: core('redispass'),
};
const secrets: Secret[] = [
  { name: 'api_hash', core: apiHash },
  { name: 'the code', core: code },
  ...Object.entries(cores).map(([name, it]) => ({ name, core: it })),
];

interface SecretFixtures {
  proxy: SocksProxy;
  evidence: Evidence;
  /** config.json with every secret, with these changes. */
  write(chats?: Record<string, object>, more?: { tg?: object; db?: object; dashboard?: object }): void;
  /** Runs `tgsync`; its output becomes evidence. */
  cli(args: readonly string[], answers?: readonly string[]): Promise<number>;
}

const test = base.extend<SecretFixtures & { world: World }>({
  world: async ({}, use) => {
    await use(new World({ code, password: around(cores.twoStep) }));
  },
  proxy: async ({}, use) => {
    const proxy = await startSocksProxy(cores.proxyUser, around(cores.proxy));
    await use(proxy);
    proxy.close();
  },
  evidence: async ({}, use) => {
    await use(new Map());
  },
  write: async ({ archive, proxy, databaseUrl }, use) => {
    const role = `role_${randomBytes(6).toString('hex')}`;
    const admin = new pg.Client({ connectionString: databaseUrl });
    await admin.connect();
    await admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD ${pg.escapeLiteral(around(cores.database))}`);
    const databaseOf = (password: string) => addressWith(databaseUrl, role, password);
    const socks = `socks5h://${cores.proxyUser}:${encodeURIComponent(around(cores.proxy))}@127.0.0.1:${proxy.port}`;
    if (archive.env.redisUrl) archive.env.redisUrl = addressWith(archive.env.redisUrl, 'default', around(cores.redis));
    await use((chats = {}, more = {}) =>
      archive.configure(chats, {
        log: { level: 'trace', dir: '/appdata/logs' },
        db: { url: databaseOf(around(cores.database)), ...more.db },
        tg: { api_hash: apiHash, session_key: around(cores.sealing), proxy: socks, ...more.tg },
        dashboard: { password: around(cores.dashboard), ...more.dashboard },
      }),
    );
    await admin.query(`DROP OWNED BY ${role} CASCADE`).catch(() => {});
    await admin.end();
  },
  cli: async ({ archive, evidence }, use) => {
    await use(async (args, answers) => {
      const it = await tgsync(archive.env, args, answers);
      evidence.set(`tgsync ${args.join(' ')} (${evidence.size})`, it.stdout + it.stderr);
      return it.code;
    });
  },
});

function addressWith(address: string, user: string, password: string): string {
  const url = new URL(address);
  const { host, pathname, protocol } = url;
  return `${protocol}//${user}:${encodeURIComponent(password)}@${host}${pathname}`;
}

/** Collects everything that the processes wrote and left behind. */
async function gather(evidence: Evidence, archive: Archive, fleet: Fleet, databaseUrl: string): Promise<void> {
  for (const [at, entry] of fleet.log.entries()) evidence.set(`log ${at}: ${entry.app}`, JSON.stringify(entry));
  for (const [name, rows] of await dumpPostgres(databaseUrl)) evidence.set(name, rows);
  if (archive.env.redisUrl) for (const [key, value] of await dumpRedis(archive.env.redisUrl)) evidence.set(key, value);
  for (const name of readdirSync(archive.env.data, { recursive: true, encoding: 'utf8' })) {
    const file = join(archive.env.data, name);
    if (!['config.json', 'dashboard.password'].includes(basename(file)) && statSync(file).isFile())
      evidence.set(`file ${name}`, readFileSync(file, 'latin1'));
  }
  for (const child of fleet.children) evidence.set(`arguments of ${child.pid}`, child.spawnargs.join(' '));
}

/** The login's keys: they are 256 random bytes, so any piece identifies one. */
function keysOf(archive: Archive): Secret[] {
  const { keys } = new Sessions(loadConfig(archive.env), archive.env).read(1)!;
  return Object.entries(keys).flatMap(([dc, hex]) =>
    [0, 100, 200].map((at) => ({
      name: `the key of data centre ${dc}`,
      core: Buffer.from(hex, 'hex').subarray(at, at + 12),
    })),
  );
}

test('after a run with failures, no secret is in logs, queues, tables, the dashboard or the output of the command line', async ({
  world,
  telegram,
  archive,
  fleet,
  databaseUrl,
  evidence,
  write,
  cli,
}) => {
  const chat = world.addChannel({ title: 'Cats' });
  chat.addMessages(20);
  for (const dc of [2, 4]) chat.addMessage({ document: world.addDocument({ dc, size: 300_000, name: `${dc}.bin` }) });
  write({ [chat.id.toString()]: {} });
  const { phone, password } = world.account;
  archive.env.dashboardUrl = 'http://127.0.0.1:3000'; // so that the command line prints links
  expect(await cli(['login'], [phone, `${code.slice(0, -1)}x`, code, around(cores.wrong), password!])).toBe(0);
  const refusal = { kind: 'error', code: 400, message: 'LOCATION_INVALID' } as const;
  telegram.faults.add({ method: 'upload.getFile', dc: 2, ...refusal });
  for (const app of ['fetch-worker', 'media-worker', 'scheduler'] as const) fleet.start(app);
  await fleet.until((it) => it.msg === 'job failed for good');
  await vi.waitUntil(async () => (await cli(['status', '--json'])) === 0 && savedOne(evidence), patience);

  const url = (await fleet.until((it) => it.msg === 'dashboard listening')).address as string;
  await ask(evidence, url, around(cores.dashboard));
  const access = new DashboardAccess(archive.env, around(cores.dashboard));
  const link = access.makeLink();
  const entered = await fetch(url + link, { redirect: 'manual' });
  const session = entered.headers.get('set-cookie')!.split(/[=;]/)[1]!;
  expect((await fetch(`${url}/queues`, { headers: { cookie: `${access.cookieName}=${session}` } })).status).toBe(200);
  expect((await fetch(url + link)).status).toBe(403);
  await cli(['status']);
  await cli(['sessions']);
  await cli(['verify', '--json', '--patience', '20']);
  expect(await cli(['password'], [around(cores.dashboard), around(cores.dashboard)])).toBe(0);
  await gather(evidence, archive, fleet, databaseUrl);
  await fleet.stop();
  await gather(evidence, archive, fleet, databaseUrl);
  const keys = keysOf(archive);
  expect(new Set(keys.map((it) => it.name)).size).toBe(2);
  expect(
    [...evidence.keys()].filter((it) => /logs\/(scheduler|fetch-worker|media-worker)-/.test(it)).length,
  ).toBeGreaterThan(2);
  expect(
    [...evidence.keys()].some((it) => it.startsWith(archive.env.redisUrl ? 'redis tgsync-' : 'table bullmq.')),
  ).toBe(true);
  const dashboard = [
    { name: 'the own password of the dashboard', core: access.own },
    { name: 'a link to the dashboard', core: link.slice(-43) },
    { name: 'a session of the dashboard', core: session.slice(-43) },
  ];
  expect(leaksIn(evidence, [...secrets, ...keys, ...dashboard])).toEqual([]);
  // The links that the command line printed are nowhere else.
  const printed = [...evidence].flatMap(([name, text]) =>
    [...text.matchAll(/\?token=([\w.-]+)/g)].map(([, token]) => ({ name, token })),
  );
  expect(new Set(printed.map((it) => it.name.replace(/ \(.*/, '')))).toEqual(
    new Set(['tgsync login', 'tgsync status']),
  );
});

function savedOne(evidence: Evidence): boolean {
  return [...evidence].some(([name, text]) => name.includes('status --json') && text.includes('"mediaSaved": 1'));
}

/** The dashboard's answers: without a password, to a guess, and to the owner about every queue and job. */
async function ask(evidence: Evidence, url: string, password: string): Promise<void> {
  const get = async (path: string, given?: string) => {
    const headers = new Headers();
    if (given !== undefined) headers.set('authorization', `Basic ${Buffer.from(`tgsync:${given}`).toString('base64')}`);
    const response = await fetch(url + path, { headers });
    const text = await response.text();
    evidence.set(`${path} (${evidence.size})`, `${JSON.stringify([...response.headers])} ${text}`);
    return { status: response.status, text };
  };
  for (const path of ['/readyz', '/healthz', '/queues']) await get(path);
  expect((await get('/queues', password)).status).toBe(200);
  expect((await get('/troubles', password)).status).toBe(200);
  for (const queue of ['history', 'media', 'telegram']) {
    for (const status of ['latest', 'completed', 'failed', 'active', 'waiting', 'delayed']) {
      const { status: answered, text } = await get(
        `/queues/api/queues?activeQueue=${queue}&status=${status}&page=1&jobsPerPage=100`,
        password,
      );
      expect(answered).toBe(200);
      const { queues } = JSON.parse(text) as { queues: { name: string; jobs: { id: string }[] }[] };
      for (const { id } of queues.find((it) => it.name === queue)!.jobs) {
        await get(`/queues/api/queues/${queue}/${encodeURIComponent(id)}`, password);
        await get(`/queues/api/queues/${queue}/${encodeURIComponent(id)}/logs`, password);
      }
    }
  }
  expect((await get('/queues', `${password}x`)).status).toBe(401);
  await get('/queues', password);
}

describe('errors are reported without secrets', () => {
  interface Wrong {
    tg?: (parts: { proxy: SocksProxy; archive: Archive }) => object;
    db?: (databaseUrl: string) => object;
    dashboard?: object;
    /** What is logged once it is noticed. */
    says: RegExp;
  }

  const cases: Record<string, Wrong> = {
    'a wrong password of the database': {
      db: (url) => ({ url: addressWith(url, 'tgsync', around(cores.wrong)) }),
      says: /refused the user name or password/,
    },
    'a database on an unused port': {
      db: () => ({ url: `postgresql://tgsync:${encodeURIComponent(around(cores.wrong))}@127.0.0.1:1/tgsync` }),
      says: /waiting for the database/,
    },
    'a wrong password of the proxy': {
      tg: ({ proxy }) => ({ proxy: `socks5h://${cores.proxyUser}:${cores.wrong}@127.0.0.1:${proxy.port}` }),
      says: /proxy at .* could not connect/,
    },
    'an unreachable proxy': {
      tg: () => ({ proxy: `socks5h://${cores.proxyUser}:${cores.wrong}@127.0.0.1:1` }),
      says: /proxy at .* could not connect/,
    },
    'a wrong passphrase of the login': { tg: () => ({ session_key: around(cores.wrong) }), says: /session_key/ },
    'invalid settings': {
      tg: () => ({
        session: [cores.wrong],
        proxy: `socks5h://u:${cores.wrong}@h:99999`,
        session_key: { a: cores.wrong },
      }),
      db: (url) => ({ url: url.replace(/:[^:@]*@/, `:100% ${cores.wrong}#@`) }),
      dashboard: { password: `$2b$12$${cores.wrong}`, hosts: [`http://u:${cores.wrong}@h`] },
      says: /db\.url: /,
    },
  };

  for (const [what, wrong] of Object.entries(cases)) {
    test(what, { tags: 'thorough' }, async ({ world, archive, fleet, databaseUrl, evidence, write, cli, proxy }) => {
      const chat = world.addChannel({ title: 'Cats' });
      chat.addMessages(5);
      write({ [chat.id.toString()]: {} });
      expect(await cli(['login'], [world.account.phone, code, world.account.password!])).toBe(0);
      const keys = keysOf(archive);
      write(
        { [chat.id.toString()]: {} },
        {
          ...(wrong.tg && { tg: wrong.tg({ proxy, archive }) }),
          ...(wrong.db && { db: wrong.db(databaseUrl) }),
          ...(wrong.dashboard && { dashboard: wrong.dashboard }),
        },
      );
      for (const app of ['scheduler', 'fetch-worker', 'media-worker'] as const) fleet.start(app);
      await cli(['status', '--json']);
      await cli(['login'], [world.account.phone, code, around(cores.wrong)]);
      await cli(['sessions']);
      const says = async () => {
        await gather(evidence, archive, fleet, databaseUrl);
        return [...evidence.values()].some((it) => wrong.says.test(it));
      };
      await vi.waitUntil(says, patience);
      await fleet.stop();
      await gather(evidence, archive, fleet, databaseUrl);
      expect(leaksIn(evidence, [...secrets, ...keys])).toEqual([]);
    });
  }
});

test(
  'a login that Telegram ended',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, databaseUrl, evidence, write, cli }) => {
    write({ [world.addChannel({ title: 'Cats' }).id.toString()]: {} });
    expect(await cli(['login'], [world.account.phone, code, world.account.password!])).toBe(0);
    telegram.faults.add({ method: /^(messages|updates)/, kind: 'error', code: 401, message: 'AUTH_KEY_UNREGISTERED' });
    for (const app of ['scheduler', 'fetch-worker', 'media-worker'] as const) fleet.start(app);
    await fleet.until((it) => JSON.stringify(it).includes('tgsync -- login'));
    await cli(['status', '--json']);
    await fleet.stop();
    await gather(evidence, archive, fleet, databaseUrl);
    expect(leaksIn(evidence, [...secrets, ...keysOf(archive)])).toEqual([]);
  },
);

base('a secret is found in any encoding', () => {
  const text = 'Kx7Qm2VwPz';
  const bytes = Buffer.from('00ff10e29a7b3c4d5e6f7081', 'hex');
  const found = (it: string) =>
    leaksIn(new Map([['here', it]]), [
      { name: 'it', core: text },
      { name: 'it', core: bytes },
    ]);
  const quoted = `p@ "${text}"\\`;
  const ways = [
    quoted,
    JSON.stringify(JSON.stringify(quoted)),
    encodeURIComponent(quoted),
    ...['', 'a', 'ab'].flatMap((it) => [
      Buffer.from(it + quoted).toString('base64'),
      Buffer.from(it + quoted).toString('base64url'),
    ]),
    Buffer.from(quoted).toString('hex').toUpperCase(),
    JSON.stringify({ bytes: Buffer.from(quoted) }),
    JSON.stringify({ bytes }),
    `x ${Buffer.concat([Buffer.from('abcd'), bytes, Buffer.from('e')]).toString('base64')}`,
    bytes.toString('hex'),
  ];
  for (const way of ways) expect(found(way), way).not.toEqual([]);
  expect(found('Kx7Qm2VwP 00ff10e29a7b3c4d5e6f70')).toEqual([]);
});
