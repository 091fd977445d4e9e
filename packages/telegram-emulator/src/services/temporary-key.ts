/**
 * temporary-key.ts: binds a temporary key to a permanent one (core.telegram.org/api/pfs), which it then stands for.
 * By the documentation a new binding replaces the one before; here several coexist, because file connections need that.
 */
import { openBinding } from '../crypto/binding.js';
import type { AuthKey } from '../mtproto/auth-key.js';
import { RpcError, type Service } from '../service.js';
import { TlError } from '../tl/error.js';
import { mtproto } from '../tl/layers.js';
import { TlReader } from '../tl/reader.js';
import type { TlObject } from '../tl/value.js';
import { type WireCall, wireService } from '../wire-call.js';

export interface TemporaryKeyDeps {
  readonly findKey: (dc: number, keyId: Buffer) => AuthKey | undefined;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

const refused = (): RpcError => new RpcError(400, 'ENCRYPTED_MESSAGE_INVALID');

/** A key's id in the schema's form. */
const numberOf = (key: AuthKey): bigint => key.id.readBigInt64LE(0);

/** What the client encrypted with its permanent key. */
function innerOf(permanent: AuthKey, encrypted: Buffer, msgId: bigint): TlObject {
  const binding = openBinding(permanent.value, encrypted);
  if (binding?.msgId !== msgId) throw refused();
  try {
    return new TlReader(binding.body).object(mtproto, { kind: 'boxed', name: 'BindAuthKeyInner' });
  } catch (error) {
    if (error instanceof TlError) throw refused();
    throw error;
  }
}

export function temporaryKeyService({ findKey, now }: TemporaryKeyDeps): Service {
  function bind({ key, session, query, msgId, dc }: WireCall): boolean {
    if (!key.isTemporary) throw new RpcError(400, 'TEMP_AUTH_KEY_EMPTY');
    const encrypted = query['encrypted_message'] as Buffer;
    const permanent = findKey(dc, encrypted.subarray(0, 8));
    if (!permanent || permanent.isTemporary || numberOf(permanent) !== query['perm_auth_key_id']) throw refused();
    const inner = innerOf(permanent, encrypted, msgId);
    const expected = {
      nonce: query['nonce'],
      temp_auth_key_id: numberOf(key),
      perm_auth_key_id: numberOf(permanent),
      temp_session_id: session.id,
      expires_at: query['expires_at'],
    };
    if (Object.entries(expected).some(([field, value]) => inner[field] !== value)) throw refused();
    const expires = query['expires_at'] as number;
    if (expires <= now() / 1000) throw new RpcError(400, 'EXPIRES_AT_INVALID');
    if (key.boundTo && key.boundTo !== permanent) throw new RpcError(400, 'TEMP_AUTH_KEY_ALREADY_BOUND');
    key.boundTo = permanent;
    key.expires = expires;
    return true;
  }

  return wireService({ 'auth.bindTempAuthKey': bind });
}
