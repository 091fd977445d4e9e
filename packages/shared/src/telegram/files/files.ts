/**
 * files.ts: this process' file connections to all data centres, and the files read over them. Telegram's refusals become typed errors: a
 * date, a key to request, another data centre, a new reference to fetch.
 */
import { randomUUID } from 'node:crypto';
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import type { Logger } from '../../app/index.js';
import type { CheckHashes, Cipher, Config, Environment } from '../../config/index.js';
import { announceWorker, type Fleet, removeWorker, renewSlots, slotRenewalMs } from '../../db/file-slots.js';
import type { Media } from '../../db/media.js';
import { notePlaceAway, notePlaceBack } from '../../db/places.js';
import type { Db } from '../../db/handle.js';
import { NotItsTurnError, PlaceAwayError } from '../../errors/index.js';
import { keyName, type Session, Sessions } from '../../session/index.js';
import { fileAddresses, firstAddresses } from '../wire/addresses.js';
import { reachOf, TelegramConnection } from '../wire/connection.js';
import { Reach } from '../wire/reach.js';
import { type FileCalls, KeyNeededError } from './file-calls.js';
import { FilePool } from './pool.js';
import { RemoteFile } from './remote-file.js';
import { type DownloadLimits, largeFileBytes, type Reader } from './turns.js';
import { FloodWaits } from '../policy/flood-waits.js';
import { Places } from '../policy/places.js';
import { before, lost, meaning, type Policy } from '../policy/policies.js';
import { requireLayer } from '../wire/layer.js';
import { noteCipher } from '../wire/sealed-state.js';
import { trustOnly } from '../wire/server-key.js';

export interface FilesDeps {
  config: Config;
  env: Environment;
  db: Db;
  log: Logger;
  maxConnections: () => number;
  /** Seconds without an answer after which a connection is dropped. */
  requestTimeout: () => number;
  /** Which bytes of ordinary files are checked against Telegram's hashes. */
  checkHashes: () => CheckHashes;
}

/** What Telegram's own clients keep to, until the account's limits are known. */
const usualLimits: DownloadLimits = { small: 5, large: 2 };
/** Milliseconds between two large files that ask again whether it is their turn: hundreds of them may be in the queue. */
const largeTurnMs = 1000;
const loginNeededMs = 5000;
/** A running fetch worker grants a key within a second or two. */
const keyPauses = { first: 1, longest: 5 };
const toldAfterFailures = 4;
const anotherLoginMs = 1000;
/** Time-outs of calls after which a key is late. */
const keyPatience = 5;
/** Milliseconds that a key counts as late before it is requested and waited for again. */
const askKeyAgainMs = 600_000;

/** This worker's file connections. */
export class Files {
  private readonly pools = new Map<number, FilePool>();
  private readonly holder = randomUUID();
  private readonly reach = new Reach();
  private readonly upkeep: NodeJS.Timeout;
  private readonly sessions: Sessions;
  private readonly floodWaits: FloodWaits;
  private readonly places: Places;
  /** Names of keys that their data centre refused; they are not tried again. */
  private readonly refused = new Set<string>();
  private readonly lastRefused = new Map<number, string>();
  /** Since when we have been waiting for a data centre's key. */
  private readonly keyWanted = new Map<number, number>();
  private readonly cipher: Cipher;
  /** The large files being read, with their data centres. */
  private readonly large = new Map<Reader, number>();
  /** When the last of the large files that had to wait asks again. */
  private nextTurn = 0;
  /** Media workers of the whole fleet, and what Telegram allows the account. */
  private fleet: Fleet = { workers: 1, limits: null };

  constructor(private readonly deps: FilesDeps) {
    this.floodWaits = new FloodWaits(deps.db);
    this.places = new Places(deps.db, deps.log);
    requireLayer(deps.config);
    this.cipher = noteCipher(deps.log);
    this.sessions = new Sessions(deps.config, deps.env, (reason) =>
      deps.log.error({ reason }, 'session file restored from its backup'),
    );
    if (deps.config.tg.server) trustOnly(deps.config.tg.server.public_key);
    this.upkeep = setInterval(() => void this.keepSlots().catch(() => {}), slotRenewalMs);
  }

  static async open(deps: FilesDeps): Promise<Files> {
    const files = new Files(deps);
    files.fleet = await announceWorker(deps.db, files.holder, files.cipher);
    return files;
  }

  /** This worker's even share of the connections to a data centre; at least one. */
  private readonly share = (): number => Math.max(1, Math.floor(this.deps.maxConnections() / this.fleet.workers));

  /** Throws a {@link RetryAfterError} while a flood wait of the media's data centre lasts. */
  async awaitTurn({ dcId }: Media): Promise<void> {
    await this.turn(dcId, 'upload.GetFile');
  }

  /** This worker's even share of the files that may be read at once; at least one of each size. */
  private readonly limits = (): DownloadLimits => {
    const { small, large } = this.fleet.limits ?? usualLimits;
    const share = (of: number) => Math.max(1, Math.floor(of / this.fleet.workers));
    return { small: share(small), large: share(large) };
  };

  /** Opens a file for one run of a download: until `signal`, or until it turns out to be elsewhere. */
  file(media: Media, signal: AbortSignal): RemoteFile {
    const reader: Reader = { isLarge: media.size >= largeFileBytes };
    const calls: FileCalls = {
      call: (dcId, request, until) => this.call(reader, dcId, request, until),
      awaitTurn: this.turn,
      keyIsLate: this.keyIsLate,
    };
    return new RemoteFile({ ...this.deps, calls }, media, signal);
  }

  /** The error for a download that lacks a key. A long wait is logged, as the fetch worker should be quick. */
  async keyWait({ dcId }: KeyNeededError): Promise<PlaceAwayError> {
    const reason = `no key for data centre ${dcId} yet; is a fetch worker running and logged in?`;
    const { failures, isNew, waitMs } = await notePlaceAway(this.deps.db, keyPlace(dcId), reason, keyPauses);
    if (failures === toldAfterFailures && !isNew)
      this.deps.log.warn({ dc: dcId, reason }, 'waiting for a data centre key');
    return new PlaceAwayError(Math.max(waitMs, 500), reason);
  }

  /** The number of open file connections, by data centre. */
  openConnections(): Record<number, number> {
    return Object.fromEntries([...this.pools].map(([dcId, pool]) => [dcId, pool.size]));
  }

  async close(): Promise<void> {
    clearInterval(this.upkeep);
    for (const pool of this.pools.values()) await pool.close();
    await removeWorker(this.deps.db, this.holder).catch(() => {}); // it expires by itself
  }

  private readonly turn = async (dcId: number, method: string): Promise<void> => {
    await before(this.policies(dcId, method));
  };

  private policies(dcId: number, method: string): Policy[] {
    const floodWaits = this.floodWaits.of(method, dcId);
    // The CDN's caller interprets its errors.
    return isAtCdn(method) ? [floodWaits] : [floodWaits, this.places.of(placeOf(dcId), () => this.probe(dcId))];
  }

  /** Asks a data centre for a file that does not exist: any answer will do. */
  private async probe(dcId: number): Promise<void> {
    const none = { id: bigInt.one, accessHash: bigInt.zero, fileReference: Buffer.alloc(0), thumbSize: '' };
    const location = new Api.InputDocumentFileLocation(none);
    const request = new Api.upload.GetFile({ location, offset: bigInt.zero, limit: 4096 });
    const timeoutMs = this.deps.requestTimeout() * 1000;
    const signal = AbortSignal.timeout(timeoutMs * 2);
    await this.pool(dcId)
      .with({ isLarge: false }, (it) => it.call(request, { timeoutMs, signal }), signal)
      .catch(async (error: unknown) => {
        throw await this.floodWaits.of(request.className, dcId).meaning(error);
      });
  }

  private readonly call = async <R extends Api.AnyRequest>(
    reader: Reader,
    dcId: number,
    request: R,
    signal: AbortSignal,
  ): Promise<R['__response']> => {
    if (reader.isLarge && request instanceof Api.upload.GetFile) this.beginLarge(reader, dcId, signal);
    const timeoutMs = this.deps.requestTimeout() * 1000;
    let key: Buffer | undefined;
    try {
      const call = (it: TelegramConnection) => {
        key = it.key;
        return it.call(request, { timeoutMs, signal });
      };
      return await this.pool(dcId).with(reader, call, signal);
    } catch (error) {
      const keys = lost(({ message }) => this.keyLost(dcId, key, message));
      throw await meaning([...this.policies(dcId, request.className), keys], error);
    }
  };

  /**
   * Registers a large file that is read until `signal`. Throws a NotItsTurnError if there are as many already: its job would only wait, and
   * keep small files from the worker's few slots.
   */
  private beginLarge(reader: Reader, dcId: number, signal: AbortSignal): void {
    signal.throwIfAborted(); // it would never be heard of again
    if (this.large.has(reader)) return;
    const count = [...this.large.values()].filter((it) => it === dcId).length;
    if (count >= this.limits().large) {
      const now = performance.now();
      this.nextTurn = Math.max(now, this.nextTurn) + largeTurnMs;
      throw new NotItsTurnError(this.nextTurn - now, `${count} other large files of data centre ${dcId} come first`);
    }
    this.large.set(reader, dcId);
    signal.addEventListener('abort', () => this.large.delete(reader), { once: true });
  }

  private async keyLost(dcId: number, key: Buffer | undefined, reason: string): Promise<Error> {
    const isHome = this.homeDc === dcId;
    if (key) this.refuse(dcId, key);
    await this.pool(dcId).closeAll();
    if (!isHome) return this.wantKey(dcId, key ? keyName(key) : null);
    const another = this.sessions.withKey(dcId, this.refused);
    return new PlaceAwayError(another ? anotherLoginMs : loginNeededMs, reason);
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
        limits: this.limits,
        open: () => this.open(dcId),
      });
      this.pools.set(dcId, pool);
    }
    return pool;
  }

  private async open(dcId: number): Promise<TelegramConnection> {
    const { session, key } = this.keyFor(dcId);
    const { config } = this.deps;
    const addresses = fileAddresses([...session.addresses, ...firstAddresses(config.tg.server).addresses], dcId);
    if (addresses.length === 0) throw this.wantKey(dcId, null);
    const how = { key, isForFiles: true, ...reachOf(config) };
    const connection = await this.reach.open(addresses, (address) => TelegramConnection.open({ address, ...how }));
    this.keyWanted.delete(dcId);
    await notePlaceBack(this.deps.db, keyPlace(dcId));
    return connection;
  }

  private wantKey(dcId: number, refused: string | null): KeyNeededError {
    if (!this.keyWanted.has(dcId)) this.keyWanted.set(dcId, performance.now());
    return new KeyNeededError(dcId, refused);
  }

  private readonly keyIsLate = (dcId: number): boolean => {
    const patienceMs = this.deps.requestTimeout() * 1000 * keyPatience;
    const waitedMs = performance.now() - (this.keyWanted.get(dcId) ?? Infinity);
    if (waitedMs > patienceMs + askKeyAgainMs) this.keyWanted.delete(dcId);
    return waitedMs > patienceMs && this.keyWanted.has(dcId);
  };

  private keyFor(dcId: number): { session: Session; key: Buffer } {
    if (this.homeDc === undefined) throw new PlaceAwayError(loginNeededMs, 'login needed: run `tgsync login`');
    const found = this.sessions.withKey(dcId, this.refused);
    if (!found) {
      if (this.homeDc === dcId) throw new PlaceAwayError(loginNeededMs, 'login needed: run `tgsync login`');
      throw this.wantKey(dcId, this.lastRefused.get(dcId) ?? null);
    }
    return found;
  }

  private async keepSlots(): Promise<void> {
    this.fleet = await announceWorker(this.deps.db, this.holder, this.cipher);
    const before = [...this.pools].map(([dcId, pool]) => ({ dcId, pool, slots: pool.slots }));
    if (before.some(({ slots }) => slots.length > 0)) {
      const kept = await renewSlots(this.deps.db, this.holder);
      const isLost = (dcId: number, slot: number) => !kept.some((it) => it.dcId === dcId && it.slot === slot);
      // The database was down for longer than a slot lives: others may have it.
      for (const { dcId, pool, slots } of before) await pool.closeSlots(slots.filter((slot) => isLost(dcId, slot)));
    }
    for (const pool of this.pools.values()) await pool.closeSpare();
  }
}

/** A data centre, as named to people. */
function placeOf(dcId: number): string {
  return `data centre ${dcId}`;
}

function keyPlace(dcId: number): string {
  return `key for data centre ${dcId}`;
}

/** A CDN can always be replaced by the file's own data centre: its outages do not count as outages. */
function isAtCdn(method: string): boolean {
  return method === 'upload.GetCdnFile';
}
