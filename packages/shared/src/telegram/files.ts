/**
 * files.ts: this process' file connections to all data centres, and the files read over them. What Telegram refuses comes
 * back with its meaning: a date, a key to ask for, another data centre, a fresh reference to fetch.
 */
import { randomUUID } from 'node:crypto';
import type { Api } from 'telegram';
import type { Logger } from '../app/index.js';
import type { CheckHashes, Config, Environment } from '../config/index.js';
import { announceWorker, removeWorker, renewSlots, slotRenewalMs } from '../db/file-slots.js';
import { floodWaitMs, noteFloodWait } from '../db/flood-waits.js';
import type { Media } from '../db/media.js';
import type { Db } from '../db/open.js';
import { RetryAfterError } from '../errors/index.js';
import { keyName, type Session, Sessions } from '../session/index.js';
import { fileAddress, firstAddresses } from './addresses.js';
import { reachOf, TelegramConnection } from './connection.js';
import { FloodWaitError, KeyLostError, LoginLostError } from './errors.js';
import { KeyNeededError } from './file-calls.js';
import { FilePool } from './file-pool.js';
import { RemoteFile } from './remote-file.js';
import { trustOnly } from './server-key.js';

export interface FilesDeps {
  config: Config;
  env: Environment;
  db: Db;
  log: Logger;
  maxConnections: () => number;
  /** Which bytes of ordinary files are held against Telegram's hashes. */
  checkHashes: () => CheckHashes;
}

const loginNeededMs = 5000;
const anotherLoginMs = 1000;
/** Time-outs of calls after which a key is late. */
const keyPatience = 5;
/** How long a key counts as late before it is asked and waited for again. */
const askKeyAgainMs = 600_000;

export class Files {
  private readonly pools = new Map<number, FilePool>();
  private readonly holder = randomUUID();
  private readonly upkeep: NodeJS.Timeout;
  private readonly sessions: Sessions;
  /** Names of keys that their data centre refused: they are not tried again. */
  private readonly refused = new Set<string>();
  private readonly lastRefused = new Map<number, string>();
  /** Since when a key of a data centre is waited for. */
  private readonly keyWanted = new Map<number, number>();
  /** Media workers of the whole fleet. */
  private workers = 1;

  constructor(private readonly deps: FilesDeps) {
    this.sessions = new Sessions(deps.config, deps.env, (words) => deps.log.error(words));
    if (deps.config.tg.server) trustOnly(deps.config.tg.server.public_key);
    this.upkeep = setInterval(() => void this.keepSlots().catch(() => {}), slotRenewalMs);
  }

  static async open(deps: FilesDeps): Promise<Files> {
    const files = new Files(deps);
    files.workers = await announceWorker(deps.db, files.holder);
    return files;
  }

  /** This worker's even share of the connections to a data centre; everybody has one at least. */
  private readonly share = (): number => Math.max(1, Math.floor(this.deps.maxConnections() / this.workers));

  /** Throws a {@link RetryAfterError} while a flood wait of the media's data centre lasts. */
  async awaitTurn({ dcId }: Media): Promise<void> {
    await this.turn(dcId, 'upload.GetFile');
  }

  /** A file to read, for one run of a download: until `signal`, or until it turns out to be elsewhere. */
  file(media: Media, signal: AbortSignal): RemoteFile {
    const calls = { call: this.call, awaitTurn: this.turn, keyIsLate: this.keyIsLate };
    return new RemoteFile({ ...this.deps, calls }, media, signal);
  }

  /** Open file connections, by data centre. */
  openConnections(): Record<number, number> {
    return Object.fromEntries([...this.pools].map(([dcId, pool]) => [dcId, pool.size]));
  }

  async close(): Promise<void> {
    clearInterval(this.upkeep);
    for (const pool of this.pools.values()) await pool.close();
    await removeWorker(this.deps.db, this.holder).catch(() => {}); // it runs out by itself
  }

  private readonly turn = async (dcId: number, method: string): Promise<void> => {
    const waitMs = await floodWaitMs(this.deps.db, method, dcId);
    if (waitMs > 0) throw new RetryAfterError(waitMs, `data centre ${dcId}: Telegram asked to wait`);
  };

  private readonly call = async <R extends Api.AnyRequest>(
    dcId: number,
    request: R,
    signal: AbortSignal,
  ): Promise<R['__response']> => {
    const timeoutMs = this.deps.config.download.request_timeout * 1000;
    let key: Buffer | undefined;
    try {
      return await this.pool(dcId).with((it) => {
        key = it.key;
        return it.call(request, { timeoutMs, signal });
      }, signal);
    } catch (error) {
      throw await this.translated(error, dcId, key);
    }
  };

  private async translated(error: unknown, dcId: number, key: Buffer | undefined): Promise<unknown> {
    if (error instanceof FloodWaitError) {
      await noteFloodWait(this.deps.db, error.method, dcId, error.seconds);
      return new RetryAfterError(error.seconds * 1000, error.message);
    }
    if (!(error instanceof KeyLostError || error instanceof LoginLostError)) return error;
    const isHome = this.homeDc === dcId;
    if (key) this.refuse(dcId, key);
    await this.pool(dcId).closeAll();
    if (!isHome) return this.wantKey(dcId, key ? keyName(key) : null);
    const another = this.sessions.withKey(dcId, this.refused);
    return new RetryAfterError(another ? anotherLoginMs : loginNeededMs, error.message);
  }

  private refuse(dcId: number, key: Buffer): void {
    this.refused.add(keyName(key));
    this.lastRefused.set(dcId, keyName(key));
  }

  private get homeDc(): number | undefined {
    for (const number of this.sessions.numbers) {
      const session = this.sessions.readIfGood(number);
      if (session) return session.homeDc;
    }
    return undefined;
  }

  private pool(dcId: number): FilePool {
    let pool = this.pools.get(dcId);
    if (!pool) {
      pool = new FilePool(dcId, {
        ...this.deps,
        holder: this.holder,
        share: this.share,
        open: () => this.open(dcId),
      });
      this.pools.set(dcId, pool);
    }
    return pool;
  }

  private async open(dcId: number): Promise<TelegramConnection> {
    const { session, key } = this.keyFor(dcId);
    const { config } = this.deps;
    const address = fileAddress([...session.addresses, ...firstAddresses(config.tg.server).addresses], dcId);
    if (!address) throw this.wantKey(dcId, null);
    const connection = await TelegramConnection.open({ address, key, ...reachOf(config) });
    this.keyWanted.delete(dcId);
    return connection;
  }

  private wantKey(dcId: number, refused: string | null): KeyNeededError {
    if (!this.keyWanted.has(dcId)) this.keyWanted.set(dcId, performance.now());
    return new KeyNeededError(dcId, refused);
  }

  private readonly keyIsLate = (dcId: number): boolean => {
    const patienceMs = this.deps.config.download.request_timeout * 1000 * keyPatience;
    const waitedMs = performance.now() - (this.keyWanted.get(dcId) ?? Infinity);
    if (waitedMs > patienceMs + askKeyAgainMs) this.keyWanted.delete(dcId);
    return waitedMs > patienceMs && this.keyWanted.has(dcId);
  };

  private keyFor(dcId: number): { session: Session; key: Buffer } {
    if (this.homeDc === undefined) throw new RetryAfterError(loginNeededMs, 'login needed: run `tgsync login`');
    const found = this.sessions.withKey(dcId, this.refused);
    if (!found) {
      if (this.homeDc === dcId) throw new RetryAfterError(loginNeededMs, 'login needed: run `tgsync login`');
      throw this.wantKey(dcId, this.lastRefused.get(dcId) ?? null);
    }
    return found;
  }

  private async keepSlots(): Promise<void> {
    this.workers = await announceWorker(this.deps.db, this.holder);
    const open = [...this.pools.values()].reduce((sum, pool) => sum + pool.size, 0);
    if (open > 0 && (await renewSlots(this.deps.db, this.holder)) < open) {
      // The database was away for longer than our slots live: others may have them.
      for (const pool of this.pools.values()) await pool.closeAll();
    }
    for (const pool of this.pools.values()) await pool.closeSpare();
  }
}
