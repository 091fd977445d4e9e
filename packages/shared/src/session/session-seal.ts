/**
 * session-seal.ts: encrypts the login at rest with a passphrase (tg.session_key): XChaCha20-Poly1305 by @noble/ciphers, with a key
 * derived by scrypt. Tampered data, or another key, is rejected. Pure.
 */
import { randomBytes, scryptSync } from 'node:crypto';
import { managedNonce } from '@noble/ciphers/utils.js';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { z } from 'zod';

const sealedSchema = z.object({
  version: z.literal(1),
  sealed: z.literal('scrypt+xchacha20-poly1305'),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  data: z.string(),
});

type Sealed = z.output<typeof sealedSchema>;

const cipher = managedNonce(xchacha20poly1305);

/** undefined: not encrypted. */
export function asSealed(value: unknown): Sealed | undefined {
  return sealedSchema.safeParse(value).data;
}

export function seal(text: string, passphrase: string): Sealed {
  const salt = randomBytes(16).toString('hex');
  const data = cipher(keyFrom(passphrase, salt)).encrypt(Buffer.from(text));
  return { version: 1, sealed: 'scrypt+xchacha20-poly1305', salt, data: Buffer.from(data).toString('base64') };
}

/** undefined: another passphrase, or tampered with. */
export function unseal({ salt, data }: Sealed, passphrase: string): string | undefined {
  try {
    return Buffer.from(cipher(keyFrom(passphrase, salt)).decrypt(Buffer.from(data, 'base64'))).toString();
  } catch {
    return undefined;
  }
}

/** The session file is read at every new connection, and scrypt is slow on purpose. */
const made = new Map<string, Buffer>();
const mostMade = 16;

function keyFrom(passphrase: string, salt: string): Buffer {
  const known = made.get(`${salt}${passphrase}`);
  if (known) return known;
  const key = scryptSync(passphrase, Buffer.from(salt, 'hex'), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 });
  if (made.size === mostMade) made.clear();
  made.set(`${salt}${passphrase}`, key);
  return key;
}
