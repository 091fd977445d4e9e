/**
 * auth-key.ts: an authorization key of one data centre, with its salts and what its client said about itself.
 * A salt is valid for an hour, half of which overlaps its successor. Salts are derived, so a restart keeps them.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Authorization } from '../logins.js';
import type { Session } from './session.js';

const SALT_STEP = 1800;

/** What `initConnection` said about the client. */
export interface ClientInfo {
  readonly apiId: number;
  readonly deviceModel: string;
  readonly systemVersion: string;
  readonly appVersion: string;
}

/** A salt and its validity, in Unix seconds. */
export interface Salt {
  readonly salt: bigint;
  readonly since: number;
  readonly until: number;
}

/** The user and login behind a key. */
interface Identity {
  /** The login that the key belongs to, active or ended. */
  authorization?: Authorization | undefined;
  /** A user who entered the right code but not the password yet. */
  awaitsPassword?: bigint | undefined;
  /** The hash of the future login, as reported to another device. */
  promisedHash?: bigint | undefined;
}

export class AuthKey {
  /** The 64-bit auth_key_id as it is on the wire. */
  readonly id: Buffer;
  /** MTProto sessions by session_id. */
  readonly sessions = new Map<bigint, Session>();
  /** The layer that the client named last with `invokeWithLayer`. */
  layer: number | undefined;
  client: ClientInfo | undefined;
  /** The key that a temporary one was bound to. */
  boundTo: AuthKey | undefined;
  readonly #identity: Identity = {};
  /** Increased by a fault that makes all salts wrong. */
  saltGeneration = 0;

  constructor(
    readonly dc: number,
    readonly value: Buffer,
    readonly firstSalt: bigint,
    readonly created: number,
    /** When a temporary key expires, in Unix seconds; a permanent one never does. */
    public expires?: number,
  ) {
    this.id = authKeyId(value);
  }

  get isTemporary(): boolean {
    return this.expires !== undefined;
  }

  /** The key's identity; a temporary key has that of the key it is bound to. */
  get identity(): Identity {
    return this.boundTo?.identity ?? this.#identity;
  }

  get authorization(): Authorization | undefined {
    return this.identity.authorization;
  }

  /** The salts valid from now on, the current one first. */
  salts(now: number, count: number): Salt[] {
    const window = Math.floor(now / SALT_STEP);
    return Array.from({ length: count }, (_, index) => ({
      salt: this.#derive(window + index),
      since: (window + index) * SALT_STEP,
      until: (window + index + 2) * SALT_STEP,
    }));
  }

  /** The current salt. */
  salt(now: number): bigint {
    return this.#derive(Math.floor(now / SALT_STEP));
  }

  /** Whether this salt is still valid. */
  accepts(salt: bigint, now: number): boolean {
    const window = Math.floor(now / SALT_STEP);
    if (salt === this.#derive(window) || salt === this.#derive(window - 1)) return true;
    return salt === this.firstSalt && this.saltGeneration === 0 && now < this.created + 2 * SALT_STEP;
  }

  readonly #derived = new Map<number, bigint>();

  #derive(window: number): bigint {
    const known = this.#derived.get(window);
    if (known !== undefined) return known;
    if (this.#derived.size > 100) this.#derived.clear();
    const mac = createHmac('sha256', this.value).update(`salt ${window} ${this.saltGeneration}`).digest();
    const salt = mac.readBigInt64LE(0);
    this.#derived.set(window, salt);
    return salt;
  }

  /** Makes every salt handed out so far wrong. */
  renewSalts(): void {
    this.saltGeneration++;
    this.#derived.clear();
  }
}

/** The lower 64 bits of the key's SHA-1. */
const authKeyId = (value: Buffer): Buffer => createHash('sha1').update(value).digest().subarray(12, 20);
