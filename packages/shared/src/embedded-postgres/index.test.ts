/** A Postgres for machines that have none: used if it is running, started if not, and never started twice. */
import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
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
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, inject, test as base, vi } from 'vitest';
import { type EmbeddedOptions, type EmbeddedPostgres, openEmbeddedPostgres } from './index.js';

declare module 'vitest' {
  interface ProvidedContext {
    scratch: string; // see packages/testing, which depends on this package
  }
}

const options = { settings: { fsync: 'off', shared_buffers: '8MB', max_connections: '20' } };
type Open = (folder: string, more?: EmbeddedOptions) => Promise<EmbeddedPostgres>;
/** Opens it in a separate process, which prints the URL and waits to be killed. */
type Launch = (folder: string, env?: NodeJS.ProcessEnv) => ChildProcessByStdio<null, Readable, null>;

interface Fixtures {
  parent: string;
  empty: string;
  made: string;
  folder: string;
  open: Open;
  launch: Launch;
}

const test = base.extend<Fixtures>({
  /** A folder that anybody can enter. */
  parent: async ({}, use) => {
    const parent = mkdtempSync(join(inject('scratch'), 'tgsync-embedded-'));
    chmodSync(parent, 0o755);
    await use(parent);
    rmSync(parent, { recursive: true, force: true });
  },
  /** A folder without a database yet. */
  empty: async ({ parent }, use) => use(join(parent, 'postgres')),
  /** A folder with a database, shared by all tests of this file: creating one takes longer than most of them. */
  made: [
    async ({}, use) => {
      const parent = mkdtempSync(join(inject('scratch'), 'tgsync-embedded-'));
      chmodSync(parent, 0o755);
      const folder = join(parent, 'postgres');
      await (await openEmbeddedPostgres(folder, options)).stop();
      await use(folder);
      rmSync(parent, { recursive: true, force: true });
    },
    { scope: 'file' },
  ],
  /** A folder with a database that is not running. */
  folder: async ({ parent, made }, use) => {
    const folder = join(parent, 'postgres');
    execFileSync('cp', ['-a', made, folder]);
    await use(folder);
  },
  /** Stops whatever was opened last, wherever its data is. */
  open: async ({ parent }, use) => {
    let last: EmbeddedPostgres | undefined;
    await use(async (folder, more) => (last = await openEmbeddedPostgres(folder, { ...options, ...more })));
    await last?.stop();
    const place = last && dirname(last.data);
    if (place && !place.startsWith(parent)) rmSync(place, { recursive: true, force: true });
  },
  launch: async ({}, use) => {
    const script = `import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
      const { url } = await openEmbeddedPostgres(process.argv[1], ${JSON.stringify(options)});
      process.stdout.write(url);
      setInterval(() => {}, 1000);`;
    const launched: ChildProcess[] = [];
    await use((folder, env = {}) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      launched.push(child);
      return child;
    });
    for (const child of launched) await kill(child);
  },
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function urlFrom(launched: ReturnType<Launch>): Promise<string> {
  const died = once(launched, 'exit').then(() => Promise.reject(new Error('the launcher ended')));
  const [url] = (await Promise.race([once(launched.stdout, 'data'), died])) as [Buffer];
  died.catch(() => {});
  return url.toString();
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = ({ data }: { data: string }) => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z';
  } catch {
    return false;
  }
}

/** It removes its pid file before it has fully exited. */
async function ended(pid: number): Promise<void> {
  await vi.waitUntil(() => !isAlive(pid), { timeout: 240_000 });
}

test('is created at the first start, found when it is running, and started again with its data after a stop', async ({
  empty: folder,
  open,
}) => {
  const first = await open(folder);
  expect(first.started).toBe(true);
  await query(first.url, `CREATE TABLE kept AS SELECT 'ж' AS text`);
  expect(await query(first.url, `SHOW server_encoding`)).toEqual([{ server_encoding: 'UTF8' }]);

  const [again, also] = await Promise.all([open(folder), open(folder)]);
  expect([again.started, also.started]).toEqual([false, false]);
  expect([again.url, also.url]).toEqual([first.url, first.url]);
  for (const it of [again, also]) await it.close();

  const pid = pidOf(first);
  const held = new pg.Client({ connectionString: first.url });
  await held.connect();
  held.on('error', () => {});
  const cut = new Promise<void>((resolve) => held.on('end', resolve));
  await first.stop();
  await cut; // it does not wait for connected clients
  await ended(pid);
  await first.stop(); // there is nothing left to stop

  const later = await open(folder);
  expect(later.started).toBe(true);
  expect(await query(later.url, 'SELECT text FROM kept')).toEqual([{ text: 'ж' }]);
});

test('the password is private, and required', async ({ folder, open }) => {
  const { url } = await open(folder);
  expect(statSync(join(folder, 'password')).mode & 0o077).toBe(0);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password/);
});

test('the server of a killed launcher is found and used, and no command stops it', async ({ folder, open, launch }) => {
  const launcher = launch(folder);
  const url = await urlFrom(launcher);
  await kill(launcher);
  const look = await open(folder, { temporary: true });
  await look.close();
  const found = await open(folder);
  expect([found.started, found.url]).toEqual([false, url]);
  expect(await query(found.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('it is recognised in a narrow terminal, and in a folder whose name LC_ALL=C cannot represent', async ({
  parent,
  made,
  open,
  launch,
}) => {
  const folder = join(parent, 'архив', 'postgres');
  mkdirSync(dirname(folder));
  execFileSync('cp', ['-a', made, folder]);
  const running = await open(folder);
  const pidFile = join(running.data, 'postmaster.pid');
  const { ino } = statSync(pidFile);
  for (const env of [{ COLUMNS: '20' }, { LC_ALL: 'C', LANG: 'C' }])
    expect(await urlFrom(launch(folder, env))).toBe(running.url);
  expect(statSync(pidFile).ino).toBe(ino);
  expect(await query(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test(
  'the last of several commands stops what the first one started',
  { tags: 'thorough' },
  async ({ folder, open }) => {
    const first = await open(folder, { temporary: true });
    const second = await open(folder, { temporary: true });
    expect([first.started, second.started]).toEqual([true, false]);
    await first.close();
    await first.close();
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.close();
    expect(existsSync(join(second.data, 'postmaster.pid'))).toBe(false);
  },
);

test(
  'the fleet keeps a server that a command started, and a command keeps one that the fleet leaves',
  { tags: 'thorough' },
  async ({ folder, open }) => {
    const command = await open(folder, { temporary: true });
    const fleet = await open(folder);
    const pid = pidOf(fleet);
    await command.close();
    expect(isAlive(pid)).toBe(true);
    const later = await open(folder, { temporary: true });
    await fleet.close();
    expect(await query(later.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await later.close();
    await ended(pid);
  },
);

test('one that dies is noticed and restarted at its address; other users wait for that meanwhile', async ({
  folder,
  open,
}) => {
  const fleet = await open(folder);
  await query(fleet.url, 'CREATE TABLE kept AS SELECT 1 AS one');
  const down = fleet.untilDown(new AbortController().signal);
  process.kill(pidOf(fleet), 'SIGKILL');
  await down;
  const looking = open(folder, { temporary: true });
  await fleet.restart();
  expect(await query(fleet.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  const look = await looking;
  expect([look.started, look.url]).toEqual([false, fleet.url]);
});

/** Runs a script as the user that Postgres runs as, whose processes Postgres could mistake for its own. */
function shAs(data: string, script: string) {
  const { uid, gid } = statSync(data);
  const as = process.getuid?.() === 0 ? { uid, gid } : {};
  return spawn('/bin/sh', ['-c', script], { ...as, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
}

test.for([
  ['of another program', 'echo $$; exec sleep 1000'],
  ['of a zombie', 'sh -c "exit 0" & echo $!; exec sleep 1000'],
])(
  'the pid file of a killed server does not block a start, even if its pid is that %s',
  async ([, script], { folder, open, launch }) => {
    const launcher = launch(folder);
    const url = await urlFrom(launcher);
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await kill(launcher);
    const data = await dataOf(url);
    const pidFile = join(data, 'postmaster.pid');
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    process.kill(pid, 'SIGKILL');
    await ended(pid);
    const bystander = shAs(data, script!);
    try {
      const [said] = (await once(bystander.stdout, 'data')) as [Buffer];
      writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, said.toString().trim()));
      const again = await open(folder);
      expect(again.started).toBe(true);
      expect(await query(again.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    } finally {
      await kill(bystander);
    }
  },
);

async function dataOf(url: string): Promise<string> {
  const [row] = await query(url, 'SHOW data_directory');
  return (row as { data_directory: string }).data_directory;
}

test('one that is stopping is waited for, then started again', async ({ folder, open, launch }) => {
  const launcher = launch(folder);
  const url = await urlFrom(launcher);
  await kill(launcher);
  const data = await dataOf(url);
  const held = new pg.Client({ connectionString: url });
  await held.connect();
  process.kill(pidOf({ data }), 'SIGTERM'); // it waits for connected clients, and accepts no others
  await vi.waitUntil(
    () =>
      query(url, 'SELECT 1').then(
        () => false,
        () => true,
      ),
    { timeout: 240_000 },
  );
  const said: string[] = [];
  const say = (what: string) => {
    said.push(what);
    if (what.includes('already running')) void held.end();
  };
  const again = await open(folder, { onProgress: say });
  expect(said).toHaveLength(2); // first it was found, then it was gone
  expect(again.started).toBe(true);
  expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a wrong password beside the data is reported, and stops nothing', async ({ folder, open }) => {
  const running = await open(folder);
  const password = readFileSync(join(folder, 'password'), 'utf8');
  writeFileSync(join(folder, 'password'), 'another\n');
  await expect(openEmbeddedPostgres(folder, options)).rejects.toThrow(/password/);
  rmSync(join(folder, 'password'));
  await expect(openEmbeddedPostgres(folder, { temporary: true })).rejects.toThrow(/Restore .*password/);
  writeFileSync(join(folder, 'password'), password);
  expect(await query(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('its programs get nothing of our environment', async ({ folder, open, launch }) => {
  await urlFrom(launch(folder, { TGSYNC_TEST_TOKEN: 'secret', PGOPTIONS: '-c work_mem=1MB' }));
  const { url } = await open(folder);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE TEMP TABLE environment (line text)`);
  await client.query(`COPY environment FROM PROGRAM 'env'`);
  const { rows } = await client.query<{ name: string }>(`SELECT split_part(line, '=', 1) AS name FROM environment`);
  await client.end();
  const ours = rows.map((it) => it.name).filter((it) => !/^(PATH|TZ|LANG|LC_\w+|PG\w+|PWD|OLDPWD|SHLVL|_)$/.test(it));
  expect(ours).toEqual([]);
  expect(rows).not.toContainEqual({ name: 'PGOPTIONS' });
});

test('an initdb that is killed with its launcher leaves no password behind', async ({
  empty: folder,
  open,
  launch,
}) => {
  const handovers = () => [
    ...readdirSync(tmpdir()).filter((it) => it.startsWith(`tgsync-initdb-${launcher.pid}`)),
    ...readdirSync(folder).filter((it) => it.includes('initdb')),
  ];
  const launcher = launch(folder);
  await vi.waitUntil(() => existsSync(join(folder, 'data.new', 'base')), { timeout: 240_000, interval: 5 });
  await kill(launcher);
  expect(existsSync(join(folder, 'data'))).toBe(false); // it was interrupted midway
  const { url } = await open(folder);
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(handovers()).toEqual([]);
});

test('a killed initdb leaves nothing that looks complete', async ({ empty: folder, open }) => {
  mkdirSync(join(folder, 'data.new', 'base'), { recursive: true });
  writeFileSync(join(folder, 'data.new', 'PG_VERSION'), '18');
  const { url } = await open(folder);
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  /** A folder only we can enter, like one under /root. */
  const closed = (parent: string) => {
    const folder = join(parent, `closed-${randomBytes(4).toString('hex')}`);
    mkdirSync(folder, { mode: 0o700 });
    return join(folder, 'postgres');
  };

  test('it runs as another user, even for a folder that this user cannot enter', async ({ parent, open }) => {
    const folder = closed(parent);
    const first = await open(folder);
    expect(statSync(first.data).uid).not.toBe(0);
    expect(first.data.startsWith(parent)).toBe(false);
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    const again = await open(folder);
    expect(again.started).toBe(false);
    await again.close();
    await first.close();
    expect(await query((await open(folder)).url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  test('data that a deleted folder left elsewhere is kept, but not in the way of a new one', async ({
    parent,
    open,
  }) => {
    const folder = closed(parent);
    const first = await open(folder);
    const pid = pidOf(first);
    rmSync(folder, { recursive: true });
    const next = await open(folder);
    expect([next.started, next.data]).toEqual([true, first.data]);
    expect(next.url).not.toBe(first.url);
    await ended(pid);
    expect(readdirSync(dirname(first.data)).filter((it) => it.startsWith('data.'))).toHaveLength(1);
  });
});
