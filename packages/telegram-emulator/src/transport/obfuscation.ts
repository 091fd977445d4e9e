/**
 * obfuscation.ts: the cipher around a transport that makes the stream look like noise.
 * Its keys are in the clear in the first 64 bytes: it hides the protocol from filters but protects nothing.
 */
import { type Cipher, type Decipher, createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes that a client sends before its first packet. */
export const INIT_LENGTH = 64;
const KEYS_AT = 8;
const TAG_AT = 56;

export class Obfuscation {
  readonly #in: Decipher;
  readonly #out: Cipher;
  /** The tag of the transport inside. */
  readonly tag: number;

  /** @param init the first 64 bytes: the cipher covers all of them, but only the last eight are sent encrypted. */
  constructor(init: Buffer) {
    const there = init.subarray(KEYS_AT, TAG_AT);
    const back = Buffer.from(there).reverse();
    this.#in = createDecipheriv('aes-256-ctr', there.subarray(0, 32), there.subarray(32));
    this.#out = createCipheriv('aes-256-ctr', back.subarray(0, 32), back.subarray(32));
    this.tag = this.decrypt(init).readUInt32LE(TAG_AT);
  }

  /** Decrypts what a client sent. */
  decrypt(chunk: Buffer): Buffer {
    return this.#in.update(chunk);
  }

  /** Encrypts what goes to the client, in sending order. */
  encrypt(part: Buffer): Buffer {
    return this.#out.update(part);
  }
}
