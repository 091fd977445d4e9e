/**
 * compose.test.ts: the fleet as people run it: docker compose, three media workers, a crash of each service, a failed job
 * retried in the dashboard, config.json edited, all taken down and up. The steps follow each other.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
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

/** Waits until status tells of every message, and of no file but `failed` ones that is not there. */
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

/** Waits until every container of these services says that it can work. */
async function healthy(...services: string[]): Promise<void> {
  for (const service of services) {
    for (const it of await stack.containers(service))
      await vi.waitFor(async () => expect(await stack.inspect(it)).toMatchObject({ health: 'healthy' }), waiting);
  }
}

/** Every file in the repos, by what changes when it is written again. */
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

test('the demo comes up with three media workers; a job that fails is retried by the dashboard; all is there', async () => {
  await stack.compose('up', '--detach', '--wait', 'telegram');
  const refusal = { kind: 'error', code: 400, message: 'LOCATION_INVALID' };
  await stack.telegram('POST', '/faults', { method: 'upload.getFile', times: 1, ...refusal });
  await stack.compose(...threeWorkers);
  expect(await stack.containers('media-worker')).toHaveLength(3);
  await settled(1);
  await healthy(...product);

  const list = await fetch(
    `${stack.dashboard}/queues/api/queues?activeQueue=media&status=failed&page=1&jobsPerPage=10`,
  );
  const { queues } = (await list.json()) as {
    queues: { name: string; jobs: { id: string; failedReason: string }[] }[];
  };
  const jobs = queues.find((it) => it.name === 'media')!.jobs;
  expect(jobs.map((it) => it.failedReason)).toEqual([expect.stringContaining('LOCATION_INVALID')]);
  const retry = `${stack.dashboard}/queues/api/queues/media/${jobs[0]!.id}/retry`;
  const retried = await fetch(retry, { method: 'PUT' });
  expect(retried.status, await retried.text()).toBe(204);
  await expectWhole();
  const { uid, gid } = statSync(join(stack.media, 'photo-by-id', readdirSync(join(stack.media, 'photo-by-id'))[0]!));
  expect({ uid, gid }).toEqual({ uid: stack.uid, gid: stack.gid });
});

test('nobody in there is root, has rights of root or could get them, and the image cannot be changed', async () => {
  for (const service of [...product, 'telegram']) {
    for (const it of await stack.containers(service)) {
      const told = await stack.shell(it, 'cat /proc/[0-9]*/status');
      const processes = told
        .split(/^(?=Name:)/m)
        .map((text) => Object.fromEntries(text.split('\n').map((line) => line.split(/:\s+/) as [string, string])))
        .filter((process) => /^(node|MainThread|postgres|redis-server)$/.test(process['Name'] ?? ''));
      expect(processes.length, told).toBeGreaterThan(0);
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

test('down and up: nothing is lost and nothing loaded twice', async () => {
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

test('each service that crashes comes back by itself, and what was under way is finished', async () => {
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
    await crashed(service); // while these are being loaded
  }
  await stack.telegram('DELETE', `/faults/${slow.id}`);
  await expectWhole();
});

/** Kills all containers of a service at once and waits until they work again. */
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

test('config.json is edited and only the scheduler restarted: a chat goes, its messages stay, and it comes back', async () => {
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

test('before the login all wait for it and say so; `docker compose run --rm tgsync` logs in, and all begin by themselves', async () => {
  const { tg } = stack.readConfig();
  await stack.begin();
  await stack.compose('up', '--detach', ...product, 'telegram');
  const apps = (
    await Promise.all(['scheduler', 'fetch-worker', 'media-worker'].map((it) => stack.containers(it)))
  ).flat();
  const say = async (name: string, words: RegExp) => {
    for (const it of apps)
      await vi.waitFor(
        async () => expect(await stack.problems(it)).toEqual({ [name]: expect.stringMatching(words) }),
        waiting,
      );
  };
  await say('config', /There is no \/appdata\/config\.json/);

  type Told = { server: object; account: { phone: string; code: string } };
  const { server, account } = await vi.waitFor(() => stack.telegram<Told>('GET', '/'), waiting);
  stack.writeConfig({ tg: { ...tg, server } });
  await say('login', /login needed/);

  const told = await stack.tgsync([], [account.phone, account.code]);
  expect(told).toContain('Logged in as');
  await expectWhole();
  await healthy(...product);
  expect(await stack.tgsync([])).toMatch(/messages +read +state/);
  for (const it of apps) expect(await stack.inspect(it)).toMatchObject({ restarts: 0 });
});
