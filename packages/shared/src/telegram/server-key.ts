/** server-key.ts: which RSA key a Telegram server proves itself by: the production keys, or the one of tg.server alone. */
import { createHash, createPublicKey } from 'node:crypto';
import bigInt from 'big-integer';
import { _serverKeys } from 'telegram/crypto/RSA.js';
import { PersonError } from '../errors/index.js';

/** Replaces the production keys by one in PEM form. */
export function trustOnly(publicKey: string): void {
  let key: { n?: string; e?: string };
  try {
    key = createPublicKey(publicKey).export({ format: 'jwk' });
  } catch {
    throw new PersonError('tg.server.public_key: not an RSA public key in PEM form');
  }
  const n = Buffer.from(key.n!, 'base64url');
  const e = Buffer.from(key.e!, 'base64url');
  // The fingerprint: the low 64 bits of the SHA-1 of the bare rsa_public_key (core.telegram.org/mtproto/auth_key).
  const digest = createHash('sha1').update(tlBytes(n)).update(tlBytes(e)).digest();
  _serverKeys.clear();
  _serverKeys.set(digest.readBigInt64LE(12).toString(), {
    n: bigInt(BigInt(`0x${n.toString('hex')}`)),
    e: Number(BigInt(`0x${e.toString('hex')}`)),
  });
}

function tlBytes(data: Buffer): Buffer {
  const head =
    data.length < 254
      ? Buffer.from([data.length])
      : Buffer.from([254, data.length & 255, data.length >> 8, data.length >> 16]);
  const padding = (4 - ((head.length + data.length) % 4)) % 4;
  return Buffer.concat([head, data, Buffer.alloc(padding)]);
}
