/**
 * account.ts: the password offer, the list of logins, and takeout sessions.
 */
import { randomBytes } from 'node:crypto';
import type { Logins } from '../logins.js';
import { RpcError, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { type WireCall, wireService } from '../wire-call.js';
import { authorizationTl } from './authorization-tl.js';
import type { Passwords } from './passwords.js';

interface Deps {
  readonly logins: Logins;
  readonly passwords: Passwords;
}

export function accountService({ logins, passwords }: Deps): Service {
  function getAuthorizations({ key }: WireCall): TlObject {
    const authorizations = logins.alive.map((it) => authorizationTl(it, { current: it === key.authorization }));
    return { _: 'account.authorizations', authorization_ttl_days: 183, authorizations };
  }

  function resetAuthorization({ key, query }: WireCall): boolean {
    const authorization = logins.all.get(query['hash'] as bigint);
    if (authorization?.state !== 'alive' || authorization === key.authorization)
      throw new RpcError(400, 'HASH_INVALID');
    logins.end(authorization, 'revoked');
    return true;
  }

  function initTakeoutSession({ key }: WireCall): TlObject {
    const id = randomBytes(8).readBigInt64LE(0);
    key.authorization!.takeouts.add(id);
    return { _: 'account.takeout', id };
  }

  return wireService({
    'account.getPassword': () => passwords.offer,
    'account.getAuthorizations': getAuthorizations,
    'account.resetAuthorization': resetAuthorization,
    'account.initTakeoutSession': initTakeoutSession,
    'account.finishTakeoutSession': ({ key }) => {
      key.authorization!.takeouts.clear();
      return true;
    },
  });
}
