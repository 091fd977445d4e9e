/**
 * auth-key.ts: an authorization key of one data centre, with its salts and what its client said about itself.
 * A salt is valid for an hour and overlaps its successor by half of it; salts are derived, so a restart keeps them.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Authorization } from '../logins.js';
import type { Session } from './session.js';

const SALT_STEP = 1800;

/** What `initConnection` told about the client. */
export interface ClientInfo {
  readonly apiId: number;
  readonly deviceModel: string;
  readonly systemVersion: string;
  readonly appVersion: string;
}

/** A salt and when it may be used, in Unix seconds. */
export interface Salt {
  readonly salt: bigint;
  readonly since: number;
  readonly until: number;
}

/** Who a key stands for. */
interface Identity {
  /** The login that the key belongs to, alive or ended. */
  authorization?: Authorization | undefined;
  /** A user whose code was right and whose password is still to come. */
  awaitsPassword?: bigint | undefined;
  /** The hash that another device was told for the login to come. */
  promisedHash?: bigint | undefined;
}

export class AuthKey {
  /** The 64-bit auth_key_id as it is on the wire. */
  readonly id: Buffer;
  /** MTProto sessions by session_id. */
  readonly sessions = new Map<bigint, Session>();
  /** What the client last named with `invokeWithLayer`. */
  layer: number | undefined;
  client: ClientInfo | undefined;
  /** The key that a temporary one was bound to. */
  boundTo: AuthKey | undefined;
  readonly #identity: Identity = {};
  /** Counts up when a fault makes all salts wrong. */
  saltGeneration = 0;

  constructor(
    readonly dc: number,
    readonly value: Buffer,
    readonly firstSalt: bigint,
    readonly created: number,
    /** When a temporary key ends, in Unix seconds; a permanent one never does. */
    public expires?: number,
  ) {
    this.id = authKeyId(value);
  }

  get isTemporary(): boolean {
    return this.expires !== undefined;
  }

  /** Who the key stands for: of a temporary key, what is known of the one it is bound to. */
  get identity(): Identity {
    return this.boundTo?.identity ?? this.#identity;
  }

  get authorization(): Authorization | undefined {
    return this.identity.authorization;
  }

  /** The salts that are valid from now on, the current one first. */
  salts(now: number, count: number): Salt[] {
    const window = Math.floor(now / SALT_STEP);
    return Array.from({ length: count }, (_, index) => ({
      salt: this.#derive(window + index),
      since: (window + index) * SALT_STEP,
      until: (window + index + 2) * SALT_STEP,
    }));
  }

  /** The salt to use now. */
  salt(now: number): bigint {
    return this.#derive(Math.floor(now / SALT_STEP));
  }

  /** Whether a client may still use this salt. */
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

  /** From now on every salt handed out before is wrong. */
  renewSalts(): void {
    this.saltGeneration++;
    this.#derived.clear();
  }
}

/** The lower 64 bits of the key's SHA-1. */
const authKeyId = (value: Buffer): Buffer => createHash('sha1').update(value).digest().subarray(12, 20);
