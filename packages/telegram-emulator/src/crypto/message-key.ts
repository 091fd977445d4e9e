/**
 * message-key.ts: the envelope of MTProto 2.0: auth_key_id, msg_key, and what these encrypt.
 * A message whose msg_key does not match was not made with the key, and is dropped unread.
 */
import { createHash, randomFillSync, timingSafeEqual } from 'node:crypto';
import { igeDecrypt, igeEncryptParts } from './ige.js';

/** Bytes of salt, session id, message id, seqno and length before a message's body. */
export const HEADER = 32;

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Who sent a message: the two directions use different parts of the auth key. */
export type Sender = 'client' | 'server';
const offsetOf = (sender: Sender): number => (sender === 'client' ? 0 : 8);

function aesOf(authKey: Buffer, messageKey: Buffer, sender: Sender): { key: Buffer; iv: Buffer } {
  const x = offsetOf(sender);
  const a = sha256(messageKey, authKey.subarray(x, x + 36));
  const b = sha256(authKey.subarray(40 + x, 76 + x), messageKey);
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
  };
}

/**
 * Seals a plaintext (header and body, a multiple of 4 bytes) that has room for 32 bytes of padding after it.
 * Returns the envelope in parts, which saves copying megabytes once more.
 */
export function seal(authKey: Buffer, keyId: Buffer, plain: Buffer, length: number, sender: Sender): Buffer[] {
  const padding = 12 + ((16 - ((length + 12) % 16)) % 16);
  const padded = plain.subarray(0, length + padding);
  randomFillSync(padded, length, padding);
  const x = offsetOf(sender);
  const messageKey = sha256(authKey.subarray(88 + x, 120 + x), padded).subarray(8, 24);
  const { key, iv } = aesOf(authKey, messageKey, sender);
  return [keyId, messageKey, ...igeEncryptParts(padded, key, iv)];
}

/** Opens what follows auth_key_id; undefined if it is malformed or its msg_key does not match. */
export function open(authKey: Buffer, sealed: Buffer, sender: Sender): Buffer | undefined {
  const messageKey = sealed.subarray(0, 16);
  const encrypted = sealed.subarray(16);
  if (encrypted.length < HEADER + 12 || encrypted.length % 16 !== 0) return undefined;
  const { key, iv } = aesOf(authKey, messageKey, sender);
  const plain = igeDecrypt(encrypted, key, iv);
  const x = offsetOf(sender);
  const expected = sha256(authKey.subarray(88 + x, 120 + x), plain).subarray(8, 24);
  return timingSafeEqual(expected, messageKey) ? plain : undefined;
}
