/** A Postgres for machines that have none: found when it runs, started when it does not, and never in its own way. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, test as base, vi } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './index.js';

const options = { settings: { fsync: 'off', shared_buffers: '8MB', max_connections: '20' } };
type Open = (folder: string, say?: (what: string) => void) => Promise<EmbeddedPostgres>;

const test = base.extend<{ parent: string; folder: string; open: Open }>({
  /** A folder that anybody can enter. */
  parent: async ({}, use) => {
    const parent = mkdtempSync(join(tmpdir(), 'tgsync-embedded-'));
    chmodSync(parent, 0o755);
    await use(parent);
    rmSync(parent, { recursive: true, force: true });
  },
  folder: async ({ parent }, use) => use(join(parent, 'postgres')),
  /** Stops what was opened last, wherever its data lies. */
  open: async ({ parent }, use) => {
    let last: EmbeddedPostgres | undefined;
    await use(async (folder, say) => (last = await openEmbeddedPostgres(folder, { ...options, say })));
    await last?.stop();
    const place = last && dirname(last.data);
    if (place && !place.startsWith(parent)) rmSync(place, { recursive: true, force: true });
  },
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = ({ data }: EmbeddedPostgres) => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z';
  } catch {
    return false;
  }
}

test('is made at the first start, found when it runs, and started again with its data after a stop', async ({
  folder,
  open,
}) => {
  const first = await open(folder);
  expect(first.started).toBe(true);
  await query(first.url, `CREATE TABLE kept AS SELECT 'ж' AS text`);
  expect(await query(first.url, `SHOW server_encoding`)).toEqual([{ server_encoding: 'UTF8' }]);

  const [again, also] = await Promise.all([open(folder), open(folder)]);
  expect([again.started, also.started]).toEqual([false, false]);
  expect([again.url, also.url]).toEqual([first.url, first.url]);

  const pid = pidOf(first);
  const held = new pg.Client({ connectionString: first.url });
  await held.connect();
  held.on('error', () => {});
  const cut = new Promise<void>((resolve) => held.on('end', resolve));
  await first.stop();
  await cut; // it does not wait for those who are connected
  expect(isAlive(pid)).toBe(false);
  await first.stop(); // nothing is left to do

  const later = await open(folder);
  expect(later.started).toBe(true);
  expect(await query(later.url, 'SELECT text FROM kept')).toEqual([{ text: 'ж' }]);
});

test('the password is not for other eyes, and is needed', async ({ folder, open }) => {
  const { url } = await open(folder);
  expect(statSync(join(folder, 'password')).mode & 0o077).toBe(0);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password/);
});

test('the server of a killed launcher is found and used', async ({ folder, open }) => {
  const script = `import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
    const { url } = await openEmbeddedPostgres(process.argv[1], ${JSON.stringify(options)});
    process.stdout.write(url);
    setInterval(() => {}, 1000);`;
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(launcher.stdout, 'data')) as [Buffer];
  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  const found = await open(folder);
  expect([found.started, found.url]).toEqual([false, url.toString()]);
  expect(await query(found.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a killed server leaves a pid file that is not in the way, nor one of a process that is no Postgres', async ({
  folder,
  open,
}) => {
  const first = await open(folder);
  await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
  const pid = pidOf(first);
  process.kill(pid, 'SIGKILL');
  await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
  const pidFile = join(first.data, 'postmaster.pid');
  expect(existsSync(pidFile)).toBe(true);
  // Meanwhile its pid went to somebody else: this very process.
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, `${process.pid}`));
  const again = await open(folder);
  expect(again.started).toBe(true);
  expect(await query(again.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
});

test('one that is just stopping is waited for, then started again', async ({ folder, open }) => {
  const first = await open(folder);
  const held = new pg.Client({ connectionString: first.url });
  await held.connect();
  process.kill(pidOf(first), 'SIGTERM'); // it waits for those who are connected, and takes nobody else
  await vi.waitUntil(
    () =>
      query(first.url, 'SELECT 1').then(
        () => false,
        () => true,
      ),
    { timeout: 10_000 },
  );
  const said: string[] = [];
  const again = await open(folder, (what) => {
    said.push(what);
    if (what.includes('already running')) void held.end();
  });
  expect(said).toHaveLength(2); // first it was found, then it was gone
  expect(again.started).toBe(true);
  expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a killed initdb leaves nothing that looks whole', async ({ folder, open }) => {
  mkdirSync(join(folder, 'data.new', 'base'), { recursive: true });
  writeFileSync(join(folder, 'data.new', 'PG_VERSION'), '18');
  const { url } = await open(folder);
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  /** A folder of ours alone, as one under /root is. */
  const closed = (parent: string) => {
    const folder = join(parent, `closed-${randomBytes(4).toString('hex')}`);
    mkdirSync(folder, { mode: 0o700 });
    return join(folder, 'postgres');
  };

  test('it runs as another user, also for a folder that this user cannot enter', async ({ parent, open }) => {
    const folder = closed(parent);
    const first = await open(folder);
    expect(statSync(first.data).uid).not.toBe(0);
    expect(first.data.startsWith(parent)).toBe(false);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    expect((await open(folder)).started).toBe(false);
    await first.stop();
    expect(await query((await open(folder)).url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  test('what a deleted folder left elsewhere is kept, and not in the way of a new one', async ({ parent, open }) => {
    const folder = closed(parent);
    const first = await open(folder);
    const pid = pidOf(first);
    rmSync(folder, { recursive: true });
    const next = await open(folder);
    expect([next.started, next.data]).toEqual([true, first.data]);
    expect(next.url).not.toBe(first.url);
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(dirname(first.data)).filter((it) => it.startsWith('data.'))).toHaveLength(1);
  });
});
