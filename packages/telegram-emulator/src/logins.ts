/**
 * logins.ts: who is logged in. A login (Telegram calls it an authorization) has one key in each data centre it uses.
 * An ended login is remembered, so that its keys get the error that says how it ended.
 */
import { randomBytes } from 'node:crypto';
import type { AuthKey, ClientInfo } from './mtproto/auth-key.js';
import { RpcError } from './service.js';

/** One login, as `account.getAuthorizations` lists it. */
export interface Authorization {
  readonly hash: bigint;
  readonly userId: bigint;
  readonly homeDc: number;
  readonly created: number;
  active: number;
  client: ClientInfo | undefined;
  state: 'alive' | 'logged-out' | 'revoked' | 'duplicated';
  /** Takeout sessions that `invokeWithTakeout` may name. */
  readonly takeouts: Set<bigint>;
}

interface Exported {
  readonly authorization: Authorization;
  readonly dc: number;
  readonly bytes: Buffer;
}

export class Logins {
  readonly all = new Map<bigint, Authorization>();
  readonly #exported = new Map<bigint, Exported>();
  #lastExport = 0n;

  constructor(
    private readonly now: () => number,
    private readonly onChange: () => void,
  ) {}

  get #seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Logs the user in with this key. */
  begin(key: AuthKey, userId: bigint, homeDc: number): Authorization {
    const [created, hash] = [this.#seconds, key.identity.promisedHash ?? randomBytes(8).readBigInt64LE(0)];
    const rest = { active: created, client: key.client, state: 'alive' as const, takeouts: new Set<bigint>() };
    const authorization: Authorization = { hash, userId, homeDc, created, ...rest };
    this.all.set(hash, authorization);
    key.identity.authorization = authorization;
    key.identity.awaitsPassword = undefined;
    key.identity.promisedHash = undefined;
    this.onChange();
    return authorization;
  }

  /** Ends a login in every data centre. */
  end(authorization: Authorization, state: Exclude<Authorization['state'], 'alive'>): void {
    authorization.state = state;
    for (const [id, exported] of this.#exported)
      if (exported.authorization === authorization) this.#exported.delete(id);
    this.onChange();
  }

  /** The authorization that lets a key of another data centre join the login; it can be used there once. */
  export(authorization: Authorization, dc: number): { id: bigint; bytes: Buffer } {
    const bytes = randomBytes(128);
    const id = ++this.#lastExport;
    this.#exported.set(id, { authorization, dc, bytes });
    if (this.#exported.size > 1000) this.#exported.delete(this.#exported.keys().next().value!);
    return { id, bytes };
  }

  /** Joins a key to an exported login. */
  import(key: AuthKey, id: bigint, bytes: Uint8Array): Authorization {
    const exported = this.#exported.get(id);
    if (!exported || exported.dc !== key.dc || !exported.bytes.equals(bytes))
      throw new RpcError(400, 'AUTH_BYTES_INVALID');
    this.#exported.delete(id);
    key.identity.authorization = exported.authorization;
    this.onChange();
    return exported.authorization;
  }

  /** Active logins, newest first. */
  get alive(): Authorization[] {
    return [...this.all.values()].filter((it) => it.state === 'alive').reverse();
  }
}
