/**
 * access.ts: which calls are allowed where, checked before any handler runs. Pure.
 * A call at the wrong data centre gets a migrate error; one on an ended login gets the error that says how it ended.
 */
import { CDN_DC } from './data-centres.js';
import type { AuthKey } from './mtproto/auth-key.js';
import { RpcError } from './service.js';

/** Methods that need no login. */
const OPEN = new Set([
  'help.getConfig',
  'help.getAppConfig',
  'help.getNearestDc',
  'help.getCdnConfig',
  'auth.sendCode',
  'auth.resendCode',
  'auth.cancelCode',
  'auth.signIn',
  'auth.requestFirebaseSms',
  'account.sendVerifyEmailCode',
  'account.verifyEmail',
  'auth.checkPassword',
  'auth.importAuthorization',
  'auth.exportLoginToken',
  'auth.importLoginToken',
]);

/** The one call that an unbound temporary key may make. */
const BIND = 'auth.bindTempAuthKey';

/** What only the CDN answers, and answers anybody (core.telegram.org/cdn). */
const ON_CDN = 'upload.getCdnFile';

/** Families that every data centre of a login answers; everything else needs the home one. */
const ANYWHERE = /^(upload|help|auth)\./;

/** Throws the {@link RpcError} that a client gets for a call that it may not make here. */
export function checkAccess(method: string, { key, dc }: { key: AuthKey; dc: number }): void {
  const { authorization } = key;
  // Such a key is dead for every call: the client must make a new one.
  if (authorization?.state === 'duplicated') throw new RpcError(406, 'AUTH_KEY_DUPLICATED');
  if (dc === CDN_DC && method !== ON_CDN) throw new RpcError(400, 'CDN_METHOD_INVALID');
  if (dc !== CDN_DC && method === ON_CDN) throw new RpcError(404, 'METHOD_INVALID');
  if (dc === CDN_DC) return;
  if (key.isTemporary && !key.boundTo && method !== BIND) throw new RpcError(401, 'AUTH_KEY_PERM_EMPTY');
  if (OPEN.has(method) || method === BIND) return;
  if (authorization?.state === 'revoked') throw new RpcError(401, 'SESSION_REVOKED');
  if (authorization?.state !== 'alive') {
    if (key.identity.awaitsPassword === undefined) throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
    if (method === 'account.getPassword') return;
    throw new RpcError(401, 'SESSION_PASSWORD_NEEDED');
  }
  if (key.dc !== authorization.homeDc && !ANYWHERE.test(method))
    throw new RpcError(303, `USER_MIGRATE_${authorization.homeDc}`);
}
