/**
 * login-tokens.ts: the tokens of core.telegram.org/api/qr-login: shown as a QR code by the client that wants to log in,
 * accepted by a device that is logged in, and redeemed at the account's home data centre, whose key is then logged in.
 * A token is valid for half a minute and for one login.
 */
import { randomBytes } from 'node:crypto';
import type { AuthKey } from './mtproto/auth-key.js';
import type { Session } from './mtproto/session.js';
import { RpcError } from './service.js';

const LIFETIME_S = 30;
/** Expired and used tokens are remembered this long, so that they are refused with the right error. */
const REMEMBERED_S = 600;

/** The session that asked for the token, which learns of its acceptance. */
export interface Waiting {
  readonly key: AuthKey;
  readonly session: Session;
}

/** One token. */
export interface LoginToken {
  readonly bytes: Buffer;
  readonly expires: number;
  readonly waiting: Waiting;
  /** Users that the client has already and does not want again. */
  readonly exceptIds: readonly bigint[];
  /** The hash of the future login, as reported to the accepting device. */
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

  /** Issues a token for a client. */
  show(waiting: Waiting, exceptIds: readonly bigint[]): LoginToken {
    for (const [name, it] of this.#tokens) if (it.expires + REMEMBERED_S < this.seconds) this.#tokens.delete(name);
    const [bytes, hash] = [randomBytes(32), randomBytes(8).readBigInt64LE(0)];
    const token: LoginToken = { bytes, expires: this.seconds + LIFETIME_S, waiting, exceptIds, hash, state: 'shown' };
    this.#tokens.set(bytes.toString('hex'), token);
    return token;
  }

  /** This client's token that was accepted and can be redeemed, if any. */
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

  /** Marks an accepted token as redeemed; the caller creates the login. */
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

/** The bytes of a token, also from base64url or from the `tg://login?token=` of a QR code. */
export function loginTokenBytes(token: Uint8Array | string): Uint8Array {
  if (typeof token !== 'string') return token;
  return Buffer.from(token.startsWith('tg:') ? (new URL(token).searchParams.get('token') ?? '') : token, 'base64url');
}
