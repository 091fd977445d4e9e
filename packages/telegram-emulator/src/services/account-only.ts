/**
 * account-only.ts: refuses calls from clients that are not logged in, and calls at the wrong data centre.
 */
import { RpcError, type Call, type Handler, type Service } from '../service.js';

/** Refuses calls without a login; with `home`, also calls at a data centre that is not the account's home. */
export function accountOnly(service: Service, where: 'home' | 'anywhere' = 'home'): Service {
  const guarded = (handler: Handler) => (call: Call) => {
    if (!call.login) throw new RpcError(401, 'AUTH_KEY_UNREGISTERED');
    if (where === 'home' && call.dc !== call.login.homeDc) throw new RpcError(303, `USER_MIGRATE_${call.login.homeDc}`);
    return handler(call);
  };
  return Object.fromEntries(Object.entries(service).map(([method, handler]) => [method, guarded(handler)]));
}
