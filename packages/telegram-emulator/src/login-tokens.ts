/**
 * login-tokens.ts: the tokens of core.telegram.org/api/qr-login: shown as a QR code by who wants to log in,
 * accepted by a device that is logged in, and redeemed at the account's home data centre by the key that then is, too.
 * A token is good for half a minute and for one login.
 */
import { randomBytes } from 'node:crypto';
import type { AuthKey } from './mtproto/auth-key.js';
import type { Session } from './mtproto/session.js';
import { RpcError } from './service.js';

const LIFETIME_S = 30;
/** Tokens that are over are remembered this long, so that they are refused by the right name. */
const REMEMBERED_S = 600;

/** Where the news of an acceptance goes: the session that asked for the token. */
export interface Waiting {
  readonly key: AuthKey;
  readonly session: Session;
}

/** One token. */
export interface LoginToken {
  readonly bytes: Buffer;
  readonly expires: number;
  readonly waiting: Waiting;
  /** Users that the client holds already and does not want twice. */
  readonly exceptIds: readonly bigint[];
  /** The hash of the login to come, as the accepting device is told it. */
  readonly hash: bigint;
  state: 'shown' | 'accepted' | 'redeemed';
}

export class LoginTokens {
  readonly #tokens = new Map<string, LoginToken>();

  /** @param now the clock, in milliseconds. */
  constructor(private readonly now: () => number) {}

  /** The clock, in seconds. */
  get seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Makes a token for a client. */
  show(waiting: Waiting, exceptIds: readonly bigint[]): LoginToken {
    for (const [name, it] of this.#tokens) if (it.expires + REMEMBERED_S < this.seconds) this.#tokens.delete(name);
    const [bytes, hash] = [randomBytes(32), randomBytes(8).readBigInt64LE(0)];
    const token: LoginToken = { bytes, expires: this.seconds + LIFETIME_S, waiting, exceptIds, hash, state: 'shown' };
    this.#tokens.set(bytes.toString('hex'), token);
    return token;
  }

  /** The token of this client that was accepted and can be redeemed. */
  acceptedOf(key: AuthKey): LoginToken | undefined {
    return [...this.#tokens.values()].find(
      (it) => it.waiting.key.identity === key.identity && it.state === 'accepted' && it.expires > this.seconds,
    );
  }

  /** Accepts a token for a user. */
  accept(bytes: Uint8Array, userId: bigint): LoginToken {
    const token = this.#known(bytes);
    if (token.state !== 'shown') throw new RpcError(400, 'AUTH_TOKEN_ALREADY_ACCEPTED');
    if (token.exceptIds.includes(userId)) throw new RpcError(400, 'AUTH_TOKEN_EXCEPTION');
    token.state = 'accepted';
    return token;
  }

  /** Takes an accepted token: the login is the caller's business now. */
  redeem(bytes: Uint8Array): LoginToken {
    const token = this.#known(bytes);
    if (token.state === 'redeemed') throw new RpcError(400, 'AUTH_TOKEN_ALREADY_ACCEPTED');
    if (token.state === 'shown') throw new RpcError(400, 'AUTH_TOKEN_INVALID');
    token.state = 'redeemed';
    return token;
  }

  #known(bytes: Uint8Array): LoginToken {
    const token = this.#tokens.get(Buffer.from(bytes).toString('hex'));
    if (!token) throw new RpcError(400, 'AUTH_TOKEN_INVALIDX');
    if (token.state !== 'redeemed' && token.expires <= this.seconds) throw new RpcError(400, 'AUTH_TOKEN_EXPIRED');
    return token;
  }
}

/** The bytes of a token, also of one in base64url or in the `tg://login?token=` of a QR code. */
export function loginTokenBytes(token: Uint8Array | string): Uint8Array {
  if (typeof token !== 'string') return token;
  return Buffer.from(token.startsWith('tg:') ? (new URL(token).searchParams.get('token') ?? '') : token, 'base64url');
}
