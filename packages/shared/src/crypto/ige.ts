/** ige.ts: AES-256 in IGE mode, which encrypts every message of MTProto; Node's OpenSSL does not offer it. */

import type { Cipher } from '../config/index.js';

/** An implementation. `data` is a multiple of 16 bytes and may be overwritten; key and iv are 32 bytes each. Returns as many bytes. */
export interface Ige {
  readonly name: Cipher;
  encrypt(data: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array;
  decrypt(data: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array;
}
