/**
 * compose.test.ts: the fleet as people run it: docker compose, three media workers, a crash of each service, a failed job retried in the
 * dashboard, config.json edited, everything taken down and up. The tests build on each other.
 */
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { asOwner } from '../dashboard-login.js';
import { expectFiles } from '../whole.js';
import { Stack, type StatusReport } from './stack.js';

interface Inventory {
  chats: { id: string; readable: boolean; messages: number }[];
  files: { kind: 'photo' | 'document'; id: string; sha256: string; messages: unknown[] }[];
}

const minute = 60_000;
const waiting = { timeout: 3 * minute, interval: 1000 };
const threeWorkers = ['up', '--detach', '--scale', 'media-worker=3'];
const product = ['scheduler', 'fetch-worker', 'media-worker', 'redis', 'postgres'];

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.make();
}, 10 * minute);
afterAll(async () => stack?.remove(), 2 * minute);
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => console.error(await stack.compose('logs', '--tail=40')));
});

const inventory = () => stack.telegram<Inventory>('GET', '/inventory');

/** Waits until status reports every message, and every file except `failed` ones. */
async function settled(failed = 0): Promise<StatusReport> {
  return await vi.waitFor(async () => {
    const { chats } = await inventory();
    const status = await stack.status();
    expect(new Map(status.chats.map((it) => [it.id, it.messages]))).toEqual(
      new Map(chats.filter((it) => it.messages > 0).map((it) => [it.id, it.messages])),
    );
    expect(status.chats.filter((it) => it.owedIds !== '0' || it.mediaOwed > 0)).toEqual([]);
    expect(status.failed).toHaveLength(failed);
    return status;
  }, waiting);
}

async function expectWhole(): Promise<void> {
  await settled();
  expectFiles((await inventory()).files, stack);
}

/** Waits until every container of these services is ready. */
async function healthy(...services: string[]): Promise<void> {
  for (const service of services) {
    for (const it of await stack.containers(service))
      await vi.waitFor(async () => expect(await stack.inspect(it)).toMatchObject({ health: 'healthy' }), waiting);
  }
}

/** Every file in the repos, with attributes that change if it is written again. */
function repoFiles(): string[] {
  return ['photo-by-id', 'documents-by-id'].flatMap((repo) =>
    readdirSync(join(stack.media, repo)).map((name) => {
      const { ino, mtimeMs, size } = statSync(join(stack.media, repo, name));
      return `${name} ${ino} ${mtimeMs} ${size}`;
    }),
  );
}

async function post(chatId: string, message: object): Promise<void> {
  await stack.telegram('POST', `/chats/${encodeURIComponent(chatId)}/messages`, message);
}

test('the demo starts with three media workers; a failed job is retried in the dashboard; everything is there', async () => {
  await stack.compose('up', '--detach', '--wait', 'telegram');
  const refusal = { kind: 'error', code: 400, message: 'LOCATION_INVALID' };
  await stack.telegram('POST', '/faults', { method: 'upload.getFile', times: 1, ...refusal });
  await stack.compose(...threeWorkers);
  expect(await stack.containers('media-worker')).toHaveLength(3);
  await settled(1);
  await healthy(...product);

  const list = await fetch(
    `${stack.dashboard}/queues/api/queues?activeQueue=media&status=failed&page=1&jobsPerPage=10`,
    { headers: asOwner(stack) },
  );
  const { queues } = (await list.json()) as {
    queues: { name: string; jobs: { id: string; failedReason: string }[] }[];
  };
  const jobs = queues.find((it) => it.name === 'media')!.jobs;
  expect(jobs.map((it) => it.failedReason)).toEqual([expect.stringContaining('LOCATION_INVALID')]);
  const retry = `${stack.dashboard}/queues/api/queues/media/${jobs[0]!.id}/retry`;
  const retried = await fetch(retry, { method: 'PUT', headers: asOwner(stack) });
  expect(retried.status, await retried.text()).toBe(204);
  await expectWhole();
  const { uid, gid } = statSync(join(stack.media, 'photo-by-id', readdirSync(join(stack.media, 'photo-by-id'))[0]!));
  expect({ uid, gid }).toEqual({ uid: stack.uid, gid: stack.gid });
});

test('no app is root, has root’s rights or could get them, and the image cannot be changed', async () => {
  for (const service of [...product, 'telegram']) {
    for (const it of await stack.containers(service)) {
      const output = await stack.shell(it, 'cat /proc/[0-9]*/status');
      const processes = output
        .split(/^(?=Name:)/m)
        .map((text) => Object.fromEntries(text.split('\n').map((line) => line.split(/:\s+/) as [string, string])))
        .filter((process) => /^(node|MainThread|postgres|redis-server)$/.test(process['Name'] ?? ''));
      expect(processes.length, output).toBeGreaterThan(0);
      for (const process of processes) {
        expect(process['Uid'], service).not.toMatch(/\b0\b/);
        expect(process, service).toMatchObject({
          CapEff: '0000000000000000',
          CapPrm: '0000000000000000',
          CapAmb: '0000000000000000',
          NoNewPrivs: '1',
        });
      }
      for (const file of ['/app/x', '/etc/x', '/usr/bin/x'])
        expect(await stack.shell(it, `mkdir -p /app; touch ${file}`), `${service} ${file}`).toMatch(
          /Read-only file system/,
        );
      expect(await stack.shell(it, 'touch /tmp/x && echo done')).toBe('done\n');
    }
  }
});

test('nobody outside the containers can reach Postgres or Redis, and the dashboard asks for the password', async () => {
  const targets = [];
  for (const [service, port] of [
    ['postgres', 5432],
    ['redis', 6379],
  ] as const)
    targets.push([await stack.address((await stack.containers(service))[0]!), port] as const);
  const knock = `
    import { connect } from 'node:net';
    const knock = ([host, port]) => new Promise((resolve) => connect({ host, port, timeout: 5000 })
      .on('connect', () => resolve('open')).on('timeout', () => resolve('silent')).on('error', (error) => resolve(error.code)));
    const board = await fetch('http://${await stack.address((await stack.containers('scheduler'))[0]!)}:3000/queues');
    console.log(JSON.stringify([...(await Promise.all(${JSON.stringify(targets)}.map(knock))), board.status]));`;
  expect(JSON.parse(await stack.stranger(knock))).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 401]);
  for (const [host, port] of targets) {
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'bash', '-c'];
    const command = `(exec 3<>/dev/tcp/${host}/${port}) 2>&1 || true`;
    const { stdout } = await promisify(execFile)('setpriv', [...asNobody, command]);
    expect(stdout).toContain('Connection refused');
  }
});

test('.env can open them over TCP, with the password and not as the superuser', async () => {
  const knock = async (env: Record<string, string>) => {
    await stack.composeWith(env, 'up', '--detach', '--wait', 'postgres', 'redis');
    const [host, redis] = await Promise.all(
      ['postgres', 'redis'].map(async (it) => await stack.address((await stack.containers(it))[0]!)),
    );
    return JSON.parse(
      await stack.stranger(`
        process.chdir('/app/packages/shared');
        const { default: pg } = await import('/app/packages/shared/node_modules/pg/lib/index.js');
        const { Redis } = (await import('/app/packages/shared/node_modules/ioredis/built/index.js')).default;
        const knock = async (user, password) => {
          const client = new pg.Client({ host: '${host}', user, password, database: 'tgsync' });
          client.on('error', () => {});
          return await client.connect().then(() => 'in', (error) => error.code).finally(() => client.end().catch(() => {}));
        };
        const ping = async (password) => {
          const client = new Redis({ host: '${redis}', password, lazyConnect: true, retryStrategy: () => null });
          client.on('error', () => {});
          return await client.connect().then(() => client.ping()).catch((error) => error.message.slice(0, 6)).finally(() => client.disconnect());
        };
        console.log(JSON.stringify([
          await knock('tgsync', "right 'word"), await knock('tgsync', 'tgsync'), await knock('postgres', "right 'word"),
          await ping('rightword'), await ping('wrong'),
        ]));
        process.exit();`),
    ) as string[];
  };
  const asked = {
    POSTGRES_LISTEN: '*',
    POSTGRES_PASSWORD: "right 'word",
    REDIS_PORT: '6379',
    REDIS_PASSWORD: 'rightword',
  };
  expect(await knock(asked)).toEqual(['in', '28P01', '28000', 'PONG', 'Connec']);
  expect(await knock({})).toEqual([...Array<string>(3).fill('ECONNREFUSED'), 'Connec', 'Connec']);
  await stack.compose(...threeWorkers);
  await healthy(...product);
});

test('psql works as the README says; the apps’ role is not a superuser', async () => {
  const psql = async (sql: string, ...args: string[]) =>
    (await stack.compose('exec', '-T', ...args, 'postgres', 'psql', '-U', 'tgsync', '-Atc', sql, 'tgsync')).trim();
  expect(await psql('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toBe('f');
  expect(await psql(`SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'tgsync'`)).toBe('tgsync');
  const [worker] = await stack.containers('media-worker');
  const asSuperuser = `cd /app/packages/shared && node --input-type=module -e "
    import pg from 'pg'; const client = new pg.Client({ host: '/sockets/postgres', user: 'postgres', database: 'postgres' });
    await client.connect().then(() => console.log('in'), (error) => console.log(error.message)); process.exit();"`;
  expect(await stack.shell(worker!, asSuperuser)).toMatch(/peer authentication failed/i);
});

test('down and up: nothing is lost and nothing downloaded twice', async () => {
  const before = repoFiles();
  await stack.compose('down');
  await stack.compose(...threeWorkers);
  await healthy(...product);
  const counters = () => stack.telegram<{ calls: Record<string, number> }>('GET', '/counters');
  await vi.waitFor(async () => expect((await counters()).calls['messages.getPeerDialogs']).toBeGreaterThan(0), waiting);
  await expectWhole();
  const { calls } = await counters();
  expect(calls['upload.getFile'] ?? 0).toBe(0);
  expect(calls['messages.getHistory'] ?? 0).toBe(0);
  expect(repoFiles()).toEqual(before);
});

test('the demo without its volumes starts again, and takes over its files', async () => {
  const before = repoFiles();
  await stack.compose('down', '--volumes');
  await stack.composeWith({ MEDIA_WORKERS: '2' }, 'up', '--detach');
  expect(await stack.containers('media-worker')).toHaveLength(2);
  await healthy(...product);
  await expectWhole();
  expect(repoFiles().map((it) => it.split(' ').slice(0, 2))).toEqual(before.map((it) => it.split(' ').slice(0, 2)));
  await stack.composeWith({ MEDIA_WORKERS: '2' }, 'up', '--detach', '--build'); // an upgrade keeps the number
  expect(await stack.containers('media-worker')).toHaveLength(2);
  await stack.compose(...threeWorkers);
  await healthy(...product);
});

test('each service that crashes restarts by itself, and work in progress is finished', async () => {
  await crashed('telegram');
  const { chats } = await inventory();
  const chat = chats.find((it) => it.messages > 0)!;
  const slow = await stack.telegram<{ id: number }>('POST', '/faults', {
    method: 'upload.getFile',
    kind: 'delay',
    ms: 2000,
  });
  for (const service of product) {
    const { hits } = await stack.telegram<{ hits: number }>('GET', `/faults/${slow.id}`);
    for (let index = 0; index < 8; index++)
      await post(chat.id, { document: { size: 3_000_000, dc: 1 + (index % 4), name: `${service} ${index}.bin` } });
    await vi.waitFor(
      async () =>
        expect((await stack.telegram<{ hits: number }>('GET', `/faults/${slow.id}`)).hits).toBeGreaterThan(hits),
      waiting,
    );
    await crashed(service); // while these are being downloaded
  }
  await stack.telegram('DELETE', `/faults/${slow.id}`);
  await expectWhole();
});

/** Kills all containers of a service at once and waits until they are ready again. */
async function crashed(service: string): Promise<void> {
  const containers = await stack.containers(service);
  const before = await Promise.all(containers.map((it) => stack.inspect(it)));
  await Promise.all(containers.map((it) => stack.crash(it)));
  for (const [index, it] of containers.entries())
    await vi.waitFor(
      async () =>
        expect(await stack.inspect(it)).toMatchObject({ restarts: before[index]!.restarts + 1, health: 'healthy' }),
      waiting,
    );
}

test('config.json is edited and only the scheduler restarted: a chat is removed, its messages stay, and it is added again', async () => {
  const config = stack.readConfig();
  const [left, kept] = Object.keys(config.tg.chats) as [string, string];
  const { [left]: _, ...others } = config.tg.chats;
  stack.writeConfig({ ...config, tg: { ...config.tg, chats: others } });
  await stack.compose('restart', 'scheduler');
  const stored = async (id: string) => (await stack.status()).chats.find((it) => it.id === id)?.messages;
  await vi.waitFor(async () => expect(await stored(left)).toBeUndefined(), waiting);
  const before = await stored(kept);
  for (const id of [left, kept]) await post(id, { text: 'news', photo: { size: 20_000 } });
  await vi.waitFor(async () => expect(await stored(kept)).toBe(before! + 1), waiting);

  stack.writeConfig(config);
  await stack.compose('restart', 'scheduler');
  await expectWhole();
});

test('after restoring a backup older than the files, newer ones are found on disk and not downloaded again', async () => {
  const dump = await stack.compose('exec', '-T', 'postgres', 'pg_dump', '-U', 'tgsync', 'tgsync');
  const { chats } = await inventory();
  const chat = chats.find((it) => it.messages > 0)!;
  for (let nth = 0; nth < 5; nth++)
    await post(chat.id, { document: { size: 400_000, dc: 2, name: `later ${nth}.bin` } });
  await expectWhole();
  const before = repoFiles();
  await stack.compose('rm', '--stop', '--force', 'scheduler', 'fetch-worker', 'media-worker', 'postgres');
  await stack.removeVolume('postgres');
  await stack.compose('up', '--detach', '--wait', 'postgres');
  await stack.composeFed(dump, 'exec', '-T', 'postgres', 'psql', '-U', 'tgsync', '-qo', '/dev/null', 'tgsync');
  await stack.compose(...threeWorkers);
  await healthy(...product);
  await expectWhole();
  expect(repoFiles()).toEqual(before);
});

test('with an older volume, all apps wait for the login and say so; `docker compose run --rm tgsync` logs in, and all start', async () => {
  const { tg } = stack.readConfig();
  await stack.begin();
  await stack.makeOldVolume();
  await stack.compose('up', '--detach', ...product, 'telegram');
  const apps = (
    await Promise.all(['scheduler', 'fetch-worker', 'media-worker'].map((it) => stack.containers(it)))
  ).flat();
  const expectProblem = async (name: string, pattern: RegExp) => {
    for (const it of apps)
      await vi.waitFor(
        async () => expect(await stack.problems(it)).toEqual({ [name]: expect.stringMatching(pattern) }),
        waiting,
      );
  };
  await expectProblem('config', /\/appdata\/config\.json does not exist/);

  type Control = { server: object; account: { phone: string; code: string } };
  const { server, account } = await vi.waitFor(() => stack.telegram<Control>('GET', '/'), waiting);
  // As left by the original tool; it means compose's own Postgres.
  const db = { url: 'postgresql+psycopg2://tgsync:tgsync@postgres:5432/tgsync' };
  stack.writeConfig({ db, tg: { ...tg, server } });
  await expectProblem('login', /login needed/);

  const output = await stack.tgsync([], [account.phone, account.code]);
  expect(output).toContain('Logged in as');
  await expectWhole();
  await healthy(...product);
  expect(await stack.tgsync([])).toMatch(/messages +read +state/);
  for (const it of apps) expect(await stack.inspect(it)).toMatchObject({ restarts: 0 });
});
