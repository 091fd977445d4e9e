/**
 * key-store.ts: the server's RSA keys, all auth keys, and the logins on them; also on disk if there is a folder for it.
 * Temporary keys are not kept: their clients make new ones. Every change is on disk before the client learns of it, so a
 * killed emulator forgets nothing it promised.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerKey } from '../crypto/rsa.js';
import { CDN_DC } from '../data-centres.js';
import { type Authorization, Logins } from '../logins.js';
import { AuthKey, type ClientInfo } from './auth-key.js';

interface StoredLogin {
  hash: string;
  userId: string;
  homeDc: number;
  created: number;
  active: number;
  client?: ClientInfo;
  state: Authorization['state'];
  takeouts: string[];
}
interface StoredKey {
  dc: number;
  value: string;
  firstSalt: string;
  created: number;
  layer?: number;
  client?: ClientInfo;
  login?: string;
}
interface Stored {
  rsa: string;
  /** Absent in folders from before the CDN existed. */
  cdnRsa?: string;
  logins: StoredLogin[];
  keys: StoredKey[];
}

// Making an RSA key is slow, so emulators without a folder share one.
let processKey: ServerKey | undefined;
let processCdnKey: ServerKey | undefined;

export class KeyStore {
  readonly logins: Logins;
  readonly serverKey: ServerKey;
  /** The CDN has an RSA key of its own. */
  readonly cdnKey: ServerKey;
  readonly #keys = new Map<string, AuthKey>();
  readonly #file: string | undefined;

  /** @param userId logins of other users are dropped, as the folder served another world then. */
  constructor(
    dir: string | undefined,
    userId: bigint,
    private readonly now: () => number,
  ) {
    this.logins = new Logins(now, () => this.save());
    this.#file = dir === undefined ? undefined : join(dir, 'keys.json');
    if (dir !== undefined) mkdirSync(dir, { recursive: true, mode: 0o700 });
    const stored = this.#read();
    this.serverKey = stored ? ServerKey.fromPem(stored.rsa) : (processKey ??= ServerKey.generate());
    this.cdnKey = stored?.cdnRsa ? ServerKey.fromPem(stored.cdnRsa) : (processCdnKey ??= ServerKey.generate());
    if (stored) this.#restore(stored, userId);
    this.save();
  }

  #read(): Stored | undefined {
    if (this.#file === undefined) return undefined;
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Stored;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #restore(stored: Stored, userId: bigint): void {
    for (const it of stored.logins) {
      if (BigInt(it.userId) !== userId) continue;
      const [hash, takeouts] = [BigInt(it.hash), new Set(it.takeouts.map(BigInt))];
      this.logins.all.set(hash, { ...it, hash, userId, takeouts, client: it.client });
    }
    for (const it of stored.keys) {
      const key = new AuthKey(it.dc, Buffer.from(it.value, 'base64'), BigInt(it.firstSalt), it.created);
      key.layer = it.layer;
      key.client = it.client;
      key.identity.authorization = it.login === undefined ? undefined : this.logins.all.get(BigInt(it.login));
      this.#keys.set(nameOf(key.dc, key.id), key);
    }
  }

  /** The RSA key of a data centre. */
  rsaOf(dc: number): ServerKey {
    return dc === CDN_DC ? this.cdnKey : this.serverKey;
  }

  /** The key with this id, unless it has expired. */
  find(dc: number, id: Buffer): AuthKey | undefined {
    const key = this.#keys.get(nameOf(dc, id));
    if (key?.expires === undefined || key.expires > this.now() / 1000) return key;
    this.forget(key);
    return undefined;
  }

  /** All keys. */
  get all(): Iterable<AuthKey> {
    return this.#keys.values();
  }

  add(key: AuthKey): void {
    this.#keys.set(nameOf(key.dc, key.id), key);
    this.save();
  }

  forget(key: AuthKey): void {
    this.#keys.delete(nameOf(key.dc, key.id));
    this.save();
  }

  /** Forgets every key, like a server that lost them: clients get -404. */
  forgetAll(dc?: number): void {
    for (const [name, key] of this.#keys) if (dc === undefined || key.dc === dc) this.#keys.delete(name);
    this.save();
  }

  /** Writes everything to disk atomically. */
  save(): void {
    if (this.#file === undefined || !this.cdnKey) return;
    const stored: Stored = {
      rsa: this.serverKey.privatePem,
      cdnRsa: this.cdnKey.privatePem,
      logins: [...this.logins.all.values()].map((it) => ({
        ...it,
        hash: String(it.hash),
        userId: String(it.userId),
        takeouts: [...it.takeouts].map(String),
      })),
      keys: [...this.#keys.values()]
        .filter((it) => !it.isTemporary)
        .map((it) => ({
          dc: it.dc,
          value: it.value.toString('base64'),
          firstSalt: String(it.firstSalt),
          created: it.created,
          layer: it.layer,
          client: it.client,
          login: it.authorization && String(it.authorization.hash),
        })),
    };
    writeFileSync(`${this.#file}.new`, JSON.stringify(stored), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

const nameOf = (dc: number, id: Buffer): string => `${dc} ${id.toString('hex')}`;
