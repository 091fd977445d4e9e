/** server.ts: finds the server that runs on a data folder, or starts one. Callers ensure that this happens one at a time. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PersonError } from '../errors/index.js';
import { untilReady } from './connect.js';
import type { PostgresLocation } from './location.js';
import { disown, occupantOf, readPidFile } from './postmaster.js';
import { startServer } from './programs.js';

export interface Server {
  port: number;
  /** Whether we started it. */
  started: boolean;
}

export interface Installation {
  data: string;
  password: string;
  log: string;
  onProgress: (what: string) => void;
}

/** After a crash: as long as the dead server's other processes may take to notice and release its shared memory. */
const recoveryMs = 20_000;

/** The server named in postmaster.pid, once it answers; undefined if there is none, or it is gone. */
export async function findServer({ data, password, log, onProgress }: Installation): Promise<Server | undefined> {
  for (let reported = 0; ;) {
    const found = readPidFile(data);
    if (!found) return undefined;
    const { pid, port } = found;
    const occupant = occupantOf(pid, data);
    if (occupant === 'nobody' || occupant === 'other') return undefined;
    if (reported !== pid) onProgress(`using the database that is already running (pid ${pid})`);
    reported = pid;
    const outcome = await untilReady({ password, port, data }, () => {
      const now = readPidFile(data);
      if (now?.pid !== pid || ['nobody', 'other'].includes(occupantOf(pid, data))) return 'no';
      return now.port !== port ? 'no' : now.isStarting ? 'starting' : 'yes';
    });
    if (outcome === 'ready') return { port, started: false };
    if (outcome === 'no answer') throw occupant === 'server' ? notAnswering(log) : notKnown(pid, data);
  }
}

/** Starts a server on the port, or on any free one; or uses one that started in the meantime. */
export async function launchServer(installation: Installation, { location, settings, port }: Launch): Promise<Server> {
  const { data, log, onProgress } = installation;
  const hasCrashed = readPidFile(data) !== undefined;
  for (const deadline = performance.now() + (hasCrashed ? recoveryMs : 0); ;) {
    const found = await findServer(installation);
    if (found) return found;
    const stale = readPidFile(data);
    if (stale) disown(data, stale.pid);
    onProgress(`starting the database in ${data}`);
    const chosen = port ?? (await freePort());
    if (await comesUp(startServer(location, chosen, settings, log), installation, chosen))
      return { port: chosen, started: true };
    if (performance.now() > deadline) throw notAnswering(log);
    await sleep(250);
  }
}

interface Launch {
  location: PostgresLocation;
  settings: Readonly<Record<string, string>>;
  port: number | undefined;
}

async function comesUp(server: ChildProcess, { data, password, log }: Installation, port: number): Promise<boolean> {
  let ended = false;
  for (const event of ['exit', 'error']) server.once(event, () => (ended = true));
  const isThere = () => (ended ? 'no' : readPidFile(data)?.isStarting ? 'starting' : 'yes');
  try {
    const outcome = await untilReady({ password, port, data }, isThere);
    if (outcome === 'no answer') throw notAnswering(log);
    return outcome === 'ready';
  } catch (error) {
    if (!ended) server.kill('SIGINT'); // it cannot be used
    throw error;
  }
}

function notKnown(pid: number, data: string): PersonError {
  return new PersonError(
    `Process ${pid} is not responding as the database in ${data}. If it is not Postgres, delete ${data}/postmaster.pid.`,
  );
}

function notAnswering(log: string): PersonError {
  const tail = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n') : '';
  return new PersonError(`The embedded Postgres is not responding. The end of ${log}:\n${tail}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
