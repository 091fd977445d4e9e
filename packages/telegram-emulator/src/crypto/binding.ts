/**
 * binding.ts: the message inside `auth.bindTempAuthKey`, the one place that still uses MTProto 1.0's envelope.
 * Only the holder of the permanent key can make it, which proves the binding.
 */
import { createHash } from 'node:crypto';
import { igeDecrypt, igeEncrypt } from './ige.js';

const sha1 = (...parts: Uint8Array[]): Buffer => createHash('sha1').update(Buffer.concat(parts)).digest();

/** Random bytes in place of salt and session id, then message id, seqno, length. */
const HEADER = 32;
const KEYS = 24;

/** The contents of the envelope. */
export interface Binding {
  readonly msgId: bigint;
  readonly body: Buffer;
}

function aesOf(authKey: Buffer, msgKey: Buffer): { key: Buffer; iv: Buffer } {
  const part = (from: number, to: number): Buffer => authKey.subarray(from, to);
  const a = sha1(msgKey, part(0, 32));
  const b = sha1(part(32, 48), msgKey, part(48, 64));
  const c = sha1(part(64, 96), msgKey);
  const d = sha1(msgKey, part(96, 128));
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 20), c.subarray(4, 16)]),
    iv: Buffer.concat([a.subarray(8, 20), b.subarray(0, 8), c.subarray(16, 20), d.subarray(0, 8)]),
  };
}

/** Opens the envelope (key id, msg_key, encrypted); undefined if it was made with another key or is malformed. */
export function openBinding(authKey: Buffer, sealed: Buffer): Binding | undefined {
  if (sealed.length < KEYS + HEADER || (sealed.length - KEYS) % 16 !== 0) return undefined;
  const msgKey = sealed.subarray(8, KEYS);
  const { key, iv } = aesOf(authKey, msgKey);
  const plain = igeDecrypt(sealed.subarray(KEYS), key, iv);
  const end = HEADER + plain.readUInt32LE(28);
  if (plain.readInt32LE(24) !== 0 || end > plain.length || plain.length - end >= 16) return undefined;
  if (!sha1(plain.subarray(0, end)).subarray(4).equals(msgKey)) return undefined;
  return { msgId: plain.readBigInt64LE(16), body: plain.subarray(HEADER, end) };
}

/** Makes the envelope from header and body; the client's side, for the emulator's own tests. */
export function sealBinding(authKey: Buffer, keyId: Buffer, plain: Buffer): Buffer {
  const msgKey = sha1(plain).subarray(4);
  const { key, iv } = aesOf(authKey, msgKey);
  const padded = Buffer.concat([plain, Buffer.alloc((16 - (plain.length % 16)) % 16)]);
  return Buffer.concat([keyId, msgKey, igeEncrypt(padded, key, iv)]);
}
