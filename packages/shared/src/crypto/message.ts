/**
 * message.ts: how messages of MTProto 2.0 are encrypted: the message key is part of the plaintext's SHA-256, and AES key and iv come from
 * it and the auth key (core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector). Pure.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Ige } from './ige.js';

/** Of an encrypted message: key id, message key, then the ciphertext. */
const [keyIdBytes, messageKeyBytes] = [8, 16];
export const headBytes = keyIdBytes + messageKeyBytes;
const blockBytes = 16;
/** Where the parts of the auth key begin that each direction uses. */
const fromClient = 0;
const fromServer = 8;

/** Decrypts a message of the server, maybe in place. Returns the plaintext, or undefined if it was not encrypted with this key. */
export function openMessage(ige: Ige, authKey: Uint8Array, message: Uint8Array): Uint8Array | undefined {
  const sealed = message.subarray(headBytes);
  if (sealed.length === 0 || sealed.length % blockBytes !== 0) return undefined;
  const messageKey = message.slice(keyIdBytes, headBytes);
  const { key, iv } = aesOf(authKey, messageKey, fromServer);
  const plain = ige.decrypt(sealed, key, iv);
  return timingSafeEqual(messageKeyOf(authKey, plain, fromServer), messageKey) ? plain : undefined;
}

/** Encrypts a message of the client, which ends with its padding; overwrites it. Returns what follows the key id. */
export function sealMessage(
  ige: Ige,
  authKey: Uint8Array,
  plain: Uint8Array,
): { messageKey: Buffer; sealed: Uint8Array } {
  const messageKey = messageKeyOf(authKey, plain, fromClient);
  const { key, iv } = aesOf(authKey, messageKey, fromClient);
  return { messageKey, sealed: ige.encrypt(plain, key, iv) };
}

function messageKeyOf(authKey: Uint8Array, plain: Uint8Array, x: number): Buffer {
  return sha256(authKey.subarray(88 + x, 120 + x), plain).subarray(8, 24);
}

function aesOf(authKey: Uint8Array, messageKey: Uint8Array, x: number): { key: Buffer; iv: Buffer } {
  const a = sha256(messageKey, authKey.subarray(x, x + 36));
  const b = sha256(authKey.subarray(x + 40, x + 76), messageKey);
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
  };
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const it of parts) hash.update(it);
  return hash.digest();
}
