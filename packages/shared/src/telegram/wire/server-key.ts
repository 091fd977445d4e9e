/**
 * server-key.ts: which RSA key a Telegram server must authenticate with: one of the production keys, or only the one in tg.server; a
 * CDN only with its own keys, which no other data centre may use.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, createPublicKey } from 'node:crypto';
import bigInt from 'big-integer';
import { _serverKeys } from './gramjs.js';
import { PersonError } from '../../errors/index.js';

type Keys = Map<string, { n: bigInt.BigInteger; e: number }>;

/** Replaces the production keys with one in PEM format. */
export function trustOnly(publicKey: string): void {
  let keys: Keys;
  try {
    keys = keysOf([publicKey]);
  } catch {
    throw new PersonError('tg.server.public_key: not an RSA public key in PEM format');
  }
  _serverKeys.clear();
  for (const [fingerprint, key] of keys) _serverKeys.set(fingerprint, key);
}

/** GramJS looks keys up in one list for all connections; what counts is the keys of whoever is connecting. */
const inForce = new AsyncLocalStorage<Keys>();
const own = _serverKeys.get.bind(_serverKeys);
_serverKeys.get = (fingerprint) => {
  const keys = inForce.getStore();
  return keys ? keys.get(fingerprint) : own(fingerprint);
};

/** Runs `work` trusting only these keys, which nothing else trusts; without keys, trusts the usual ones. */
export function trusting<T>(publicKeys: readonly string[] | undefined, work: () => Promise<T>): Promise<T> {
  return publicKeys ? inForce.run(keysOf(publicKeys), work) : work();
}

function keysOf(publicKeys: readonly string[]): Keys {
  return new Map(
    publicKeys.map((publicKey) => {
      const key = createPublicKey(publicKey).export({ format: 'jwk' });
      const n = Buffer.from(key.n!, 'base64url');
      const e = Buffer.from(key.e!, 'base64url');
      // The fingerprint: the low 64 bits of the SHA-1 of the bare rsa_public_key (core.telegram.org/mtproto/auth_key).
      const digest = createHash('sha1').update(tlBytes(n)).update(tlBytes(e)).digest();
      const numbers = { n: bigInt(BigInt(`0x${n.toString('hex')}`)), e: Number(BigInt(`0x${e.toString('hex')}`)) };
      return [digest.readBigInt64LE(12).toString(), numbers];
    }),
  );
}

function tlBytes(data: Buffer): Buffer {
  const head =
    data.length < 254
      ? Buffer.from([data.length])
      : Buffer.from([254, data.length & 255, data.length >> 8, data.length >> 16]);
  const padding = (4 - ((head.length + data.length) % 4)) % 4;
  return Buffer.concat([head, data, Buffer.alloc(padding)]);
}
