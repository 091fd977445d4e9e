/**
 * login-token.ts: logging in by QR code: a token is exported, accepted on another device, and redeemed.
 * A client at the wrong data centre is redirected home with its token by `auth.loginTokenMigrateTo`.
 */
import type { LoginToken, LoginTokens, Waiting } from '../login-tokens.js';
import type { Logins } from '../logins.js';
import type { AuthKey } from '../mtproto/auth-key.js';
import { RpcError, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { type WireCall, wireService } from '../wire-call.js';
import type { World } from '../world/world.js';
import { authorizationTl } from './authorization-tl.js';

export interface LoginTokenDeps {
  readonly world: World;
  readonly logins: Logins;
  readonly tokens: LoginTokens;
  /** Sends updates to one session. */
  readonly push: (to: Waiting, updates: TlObject) => void;
}

/** Accepts a token, as a logged-in device does after scanning it; returns the future `authorization`. */
export function acceptLoginToken({ world, tokens, push }: LoginTokenDeps, bytes: Uint8Array): TlObject {
  const { userId, password } = world.account;
  const { waiting, hash } = tokens.accept(bytes, userId);
  const date = tokens.seconds;
  push(waiting, { _: 'updateShort', update: { _: 'updateLoginToken' }, date });
  const shown = { hash, created: date, active: date, client: waiting.key.client };
  return authorizationTl(shown, password === undefined ? {} : { password_pending: true });
}

/** Export, import and acceptance. */
export function loginTokenService(deps: LoginTokenDeps): Service {
  const { world, logins, tokens } = deps;
  const { account } = world;

  const success = (): TlObject => ({
    _: 'auth.loginTokenSuccess',
    authorization: { _: 'auth.authorization', user: world.users.get(account.userId)!.toTl() },
  });

  function logIn(key: AuthKey, { hash }: LoginToken): TlObject {
    key.identity.promisedHash = hash;
    if (account.password !== undefined) {
      key.identity.awaitsPassword = account.userId;
      throw new RpcError(401, 'SESSION_PASSWORD_NEEDED');
    }
    logins.begin(key, account.userId, account.homeDc);
    return success();
  }

  function exportToken({ key, session, query, dc, login }: WireCall): TlObject {
    if (!((query['api_id'] as number) > 0) || query['api_hash'] === '') throw new RpcError(400, 'API_ID_INVALID');
    if (login) return success();
    const accepted = tokens.acceptedOf(key);
    if (accepted && dc !== account.homeDc)
      return { _: 'auth.loginTokenMigrateTo', dc_id: account.homeDc, token: accepted.bytes };
    if (accepted) return logIn(key, tokens.redeem(accepted.bytes));
    const { bytes, expires } = tokens.show({ key, session }, query['except_ids'] as bigint[]);
    return { _: 'auth.loginToken', expires, token: bytes };
  }

  function importToken({ key, query, dc }: WireCall): TlObject {
    if (dc !== account.homeDc) throw new RpcError(400, 'AUTH_TOKEN_INVALID');
    return logIn(key, tokens.redeem(query['token'] as Uint8Array));
  }

  return wireService({
    'auth.exportLoginToken': exportToken,
    'auth.importLoginToken': importToken,
    'auth.acceptLoginToken': ({ query }) => acceptLoginToken(deps, query['token'] as Uint8Array),
  });
}
