/**
 * auth.ts: logging in by code and password, logging out, and taking a login to other data centres.
 * A phone belongs to one data centre; the others answer `PHONE_MIGRATE_X`.
 */
import type { Logins } from '../logins.js';
import { DATA_CENTRES } from '../data-centres.js';
import { RpcError, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { type WireCall, wireService } from '../wire-call.js';
import type { World } from '../world/world.js';
import type { Passwords } from './passwords.js';
import { type CodeAnswer, type SentCodes, digits } from './sent-codes.js';

interface Deps {
  readonly world: World;
  readonly logins: Logins;
  readonly passwords: Passwords;
  readonly codes: SentCodes;
}

export function authService({ world, logins, passwords, codes }: Deps): Service {
  const account = world.account;

  const authorization = (userId: bigint): TlObject => ({
    _: 'auth.authorization',
    user: world.users.get(userId)!.toTl(),
  });

  function checkPhone({ query }: WireCall): void {
    if (digits(query['phone_number']) !== digits(account.phone)) throw new RpcError(400, 'PHONE_NUMBER_INVALID');
  }

  const hashOf = ({ query }: WireCall): string => query['phone_code_hash'] as string;

  function sendCode(call: WireCall): TlObject {
    const { api_id, api_hash } = call.query;
    if (!((api_id as number) > 0) || api_hash === '') throw new RpcError(400, 'API_ID_INVALID');
    checkPhone(call);
    if (call.dc !== account.homeDc) throw new RpcError(303, `PHONE_MIGRATE_${account.homeDc}`);
    if (call.login) throw new RpcError(500, 'AUTH_RESTART');
    return codes.send(account.codeWays);
  }

  function resendCode(call: WireCall): TlObject {
    checkPhone(call);
    return codes.sendAgain(hashOf(call));
  }

  function cancelCode(call: WireCall): boolean {
    checkPhone(call);
    return codes.cancel(hashOf(call));
  }

  function signIn(call: WireCall): TlObject {
    checkPhone(call);
    codes.check(hashOf(call), call.query as CodeAnswer);
    if (account.password !== undefined) {
      call.key.identity.awaitsPassword = account.userId;
      throw new RpcError(401, 'SESSION_PASSWORD_NEEDED');
    }
    logins.begin(call.key, account.userId, account.homeDc);
    return authorization(account.userId);
  }

  function checkPassword(call: WireCall): TlObject {
    const userId = call.key.identity.awaitsPassword;
    if (userId === undefined) throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
    passwords.check(call.query['password'] as TlObject);
    logins.begin(call.key, userId, account.homeDc);
    return authorization(userId);
  }

  function exportAuthorization(call: WireCall): TlObject {
    const dc = call.query['dc_id'] as number;
    if (!DATA_CENTRES.includes(dc) || dc === call.dc) throw new RpcError(400, 'DC_ID_INVALID');
    return { _: 'auth.exportedAuthorization', ...logins.export(call.key.authorization!, dc) };
  }

  function importAuthorization({ key, query }: WireCall): TlObject {
    return authorization(logins.import(key, query['id'] as bigint, query['bytes'] as Uint8Array).userId);
  }

  return wireService({
    'auth.sendCode': sendCode,
    'auth.resendCode': resendCode,
    'auth.cancelCode': cancelCode,
    'auth.signIn': signIn,
    // Only official apps get an SMS this way.
    'auth.requestFirebaseSms': (call) => {
      checkPhone(call);
      return false;
    },
    'auth.checkPassword': checkPassword,
    'auth.exportAuthorization': exportAuthorization,
    'auth.importAuthorization': importAuthorization,
    'auth.logOut': ({ key }) => {
      logins.end(key.authorization!, 'logged-out');
      return { _: 'auth.loggedOut' };
    },
    'auth.resetAuthorizations': ({ key }) => {
      for (const it of logins.alive) if (it !== key.authorization) logins.end(it, 'revoked');
      return true;
    },
  });
}
