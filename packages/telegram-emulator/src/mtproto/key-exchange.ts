/**
 * key-exchange.ts: the server's side of core.telegram.org/mtproto/auth_key, one exchange on one connection.
 * Any mistake of the client throws {@link KeyExchangeError}: the connection answers -404.
 */
import { createHash, generatePrimeSync, randomBytes } from 'node:crypto';
import { GENERATOR, PRIME, fromBig, isSafePublic, modPow, toBig } from '../crypto/big.js';
import { igeDecrypt, igeEncrypt } from '../crypto/ige.js';
import type { ServerKey } from '../crypto/rsa.js';
import { mtproto } from '../tl/layers.js';
import { TlReader } from '../tl/reader.js';
import type { TlObject } from '../tl/value.js';
import { TlWriter } from '../tl/writer.js';
import { AuthKey } from './auth-key.js';

/** The client broke the rules of the exchange. */
export class KeyExchangeError extends Error {}

const sha1 = (...parts: Uint8Array[]): Buffer => createHash('sha1').update(Buffer.concat(parts)).digest();
const bytesOf = (object: TlObject, field: string): Buffer => object[field] as Buffer;

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new KeyExchangeError(what);
}

interface Progress {
  readonly nonce: Buffer;
  readonly serverNonce: Buffer;
  readonly p: bigint;
  readonly q: bigint;
  /** Lifetime of a temporary key, in seconds. */
  lifetime?: number | undefined;
  newNonce?: Buffer;
  a?: bigint;
}

export class KeyExchange {
  #progress: Progress | undefined;

  constructor(
    private readonly serverKey: ServerKey,
    private readonly dc: number,
    private readonly now: () => number,
    private readonly isTaken: (keyId: Buffer) => boolean,
    private readonly onKey: (key: AuthKey) => void,
  ) {}

  /** Answers one step. */
  answer(query: TlObject): TlObject {
    if (query._ === 'req_pq_multi' || query._ === 'req_pq') return this.#begin(bytesOf(query, 'nonce'));
    const progress = this.#progress;
    demand(progress !== undefined, `${query._} before req_pq_multi`);
    demand(bytesOf(query, 'nonce').equals(progress.nonce), 'another nonce');
    demand(bytesOf(query, 'server_nonce').equals(progress.serverNonce), 'another server_nonce');
    if (query._ === 'req_DH_params') return this.#offer(progress, query);
    demand(query._ === 'set_client_DH_params', `${query._} without encryption`);
    return this.#finish(progress, query);
  }

  #begin(nonce: Buffer): TlObject {
    const [one, two] = [generatePrimeSync(31, { bigint: true }), generatePrimeSync(31, { bigint: true })];
    if (one === two) return this.#begin(nonce);
    const [p, q] = one < two ? [one, two] : [two, one];
    this.#progress = { nonce, serverNonce: randomBytes(16), p, q };
    return {
      _: 'resPQ',
      nonce,
      server_nonce: this.#progress.serverNonce,
      pq: fromBig(p * q),
      server_public_key_fingerprints: [this.serverKey.fingerprint],
    };
  }

  #offer(progress: Progress, query: TlObject): TlObject {
    const { p, q, nonce, serverNonce } = progress;
    demand(toBig(bytesOf(query, 'p')) === p && toBig(bytesOf(query, 'q')) === q, 'wrong factors');
    demand(query['public_key_fingerprint'] === this.serverKey.fingerprint, 'another RSA key');
    const data = this.serverKey.decrypt(bytesOf(query, 'encrypted_data'));
    demand(data !== undefined, 'encrypted_data is not RSA_PAD of this key');
    const inner = new TlReader(data, true).object(mtproto, { kind: 'boxed', name: 'P_Q_inner_data' });
    demand(/^p_q_inner_data(_temp)?(_dc)?$/.test(inner._), `${inner._} is not offered`);
    progress.lifetime = inner['expires_in'] as number | undefined;
    demand(progress.lifetime === undefined || progress.lifetime > 0, 'lifetime is not positive');
    demand(toBig(bytesOf(inner, 'pq')) === p * q, 'another pq');
    demand(toBig(bytesOf(inner, 'p')) === p && toBig(bytesOf(inner, 'q')) === q, 'wrong inner factors');
    demand(bytesOf(inner, 'nonce').equals(nonce), 'another inner nonce');
    demand(bytesOf(inner, 'server_nonce').equals(serverNonce), 'another inner server_nonce');
    // Media data centres have negative numbers, test ones 10000 more.
    demand(inner['dc'] === undefined || Math.abs(inner['dc'] as number) % 10000 === this.dc, 'another data centre');
    progress.newNonce = bytesOf(inner, 'new_nonce');
    progress.a = toBig(randomBytes(256));
    const answer = new TlWriter().object(mtproto, {
      _: 'server_DH_inner_data',
      nonce,
      server_nonce: serverNonce,
      g: GENERATOR,
      dh_prime: fromBig(PRIME, 256),
      g_a: fromBig(modPow(BigInt(GENERATOR), progress.a, PRIME), 256),
      server_time: Math.floor(this.now() / 1000),
    }).written;
    const padding = randomBytes((16 - ((answer.length + 20) % 16)) % 16);
    const { key, iv } = temporaryAes(progress.newNonce, serverNonce);
    const encrypted = igeEncrypt(Buffer.concat([sha1(answer), answer, padding]), key, iv);
    return { _: 'server_DH_params_ok', nonce, server_nonce: serverNonce, encrypted_answer: encrypted };
  }

  #finish(progress: Progress, query: TlObject): TlObject {
    const { nonce, serverNonce, newNonce, a, lifetime } = progress;
    demand(newNonce !== undefined && a !== undefined, 'set_client_DH_params before req_DH_params');
    const encrypted = bytesOf(query, 'encrypted_data');
    demand(encrypted.length > 0 && encrypted.length % 16 === 0, 'encrypted_data is not whole blocks');
    const { key, iv } = temporaryAes(newNonce, serverNonce);
    const plain = igeDecrypt(encrypted, key, iv);
    const reader = new TlReader(plain.subarray(20), true);
    const inner = reader.object(mtproto, { kind: 'boxed', name: 'Client_DH_Inner_Data' });
    demand(reader.left < 16, 'too much padding');
    demand(sha1(plain.subarray(20, 20 + reader.position)).equals(plain.subarray(0, 20)), 'wrong hash');
    demand(bytesOf(inner, 'nonce').equals(nonce), 'another inner nonce');
    demand(bytesOf(inner, 'server_nonce').equals(serverNonce), 'another inner server_nonce');
    const gB = toBig(bytesOf(inner, 'g_b'));
    demand(isSafePublic(gB), 'an unsafe g_b');
    const salt = newNonce.readBigUInt64LE(0) ^ serverNonce.readBigUInt64LE(0);
    const created = Math.floor(this.now() / 1000);
    const expires = lifetime === undefined ? undefined : created + lifetime;
    const value = fromBig(modPow(gB, a, PRIME), 256);
    const authKey = new AuthKey(this.dc, value, BigInt.asIntN(64, salt), created, expires);
    const taken = this.isTaken(authKey.id);
    const hash = sha1(newNonce, Buffer.from([taken ? 2 : 1]), sha1(authKey.value).subarray(0, 8)).subarray(4);
    if (taken) return { _: 'dh_gen_retry', nonce, server_nonce: serverNonce, new_nonce_hash2: hash };
    this.#progress = undefined;
    this.onKey(authKey);
    return { _: 'dh_gen_ok', nonce, server_nonce: serverNonce, new_nonce_hash1: hash };
  }
}

/** The key and iv that protect the exchange, from the two nonces. */
export function temporaryAes(newNonce: Buffer, serverNonce: Buffer): { key: Buffer; iv: Buffer } {
  const [ns, sn, nn] = [sha1(newNonce, serverNonce), sha1(serverNonce, newNonce), sha1(newNonce, newNonce)];
  return {
    key: Buffer.concat([ns, sn.subarray(0, 12)]),
    iv: Buffer.concat([sn.subarray(12), nn, newNonce.subarray(0, 4)]),
  };
}
