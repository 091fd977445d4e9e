/**
 * authorization-tl.ts: a login as shown in the list of sessions.
 */
import type { ClientInfo } from '../mtproto/auth-key.js';
import type { TlObject } from '../tl/value.js';

/** What the list shows of a login. */
export interface ShownLogin {
  readonly hash: bigint;
  readonly created: number;
  readonly active: number;
  readonly client: ClientInfo | undefined;
}

/** `authorization`; `flags` are the schema's. */
export function authorizationTl(it: ShownLogin, flags: { current?: boolean; password_pending?: boolean }): TlObject {
  return {
    _: 'authorization',
    ...flags,
    // The calling login has no hash, so nobody can end it by one.
    hash: flags.current ? 0n : it.hash,
    device_model: it.client?.deviceModel ?? 'Unknown',
    platform: '',
    system_version: it.client?.systemVersion ?? '',
    api_id: it.client?.apiId ?? 0,
    app_name: 'tgsync',
    app_version: it.client?.appVersion ?? '',
    date_created: it.created,
    date_active: it.active,
    ip: '127.0.0.1',
    country: '',
    region: '',
  };
}
