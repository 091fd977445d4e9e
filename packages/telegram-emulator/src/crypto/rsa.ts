/**
 * rsa.ts: the server's RSA key, by which a client recognises the right server.
 * Only the holder of the private key can read `p_q_inner_data`; RSA_PAD is checked to the last byte.
 */
import {
  type KeyObject,
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
} from 'node:crypto';
import { TlWriter } from '../tl/writer.js';
import { igeDecrypt } from './ige.js';

/** A 2048-bit RSA key and its fingerprint, which names it in the key exchange. */
export class ServerKey {
  readonly fingerprint: bigint;
  /** PKCS#1, the form in which Telegram publishes its keys. */
  readonly publicPem: string;

  constructor(private readonly key: KeyObject) {
    const publicKey = createPublicKey(key);
    const { n, e } = publicKey.export({ format: 'jwk' }) as { n: string; e: string };
    const text = new TlWriter().bytes(Buffer.from(n, 'base64url')).bytes(Buffer.from(e, 'base64url')).written;
    this.fingerprint = createHash('sha1').update(text).digest().readBigInt64LE(12);
    this.publicPem = publicKey.export({ format: 'pem', type: 'pkcs1' }).toString();
  }

  /** A new key. Its fingerprint has no leading zero, because mtcute drops them when it compares, but not when it stores. */
  static generate(): ServerKey {
    const key = new ServerKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    return BigInt.asUintN(64, key.fingerprint) >> 60n === 0n ? ServerKey.generate() : key;
  }

  static fromPem(pem: string): ServerKey {
    return new ServerKey(createPrivateKey(pem));
  }

  get privatePem(): string {
    return this.key.export({ format: 'pem', type: 'pkcs8' }).toString();
  }

  /** The 192 bytes inside RSA_PAD; undefined if it breaks the rules. */
  decrypt(encrypted: Uint8Array): Buffer | undefined {
    if (encrypted.length !== 256) return undefined;
    let plain: Buffer;
    try {
      plain = privateDecrypt({ key: this.key, padding: constants.RSA_NO_PADDING }, encrypted);
    } catch {
      return undefined; // not below the modulus
    }
    const aesEncrypted = plain.subarray(32);
    const mask = createHash('sha256').update(aesEncrypted).digest();
    const tempKey = plain.subarray(0, 32).map((byte, index) => byte ^ mask[index]!);
    const withHash = igeDecrypt(aesEncrypted, tempKey, new Uint8Array(32));
    const data = Buffer.from(withHash.subarray(0, 192)).reverse();
    const hash = createHash('sha256').update(tempKey).update(data).digest();
    return hash.equals(withHash.subarray(192)) ? data : undefined;
  }
}
