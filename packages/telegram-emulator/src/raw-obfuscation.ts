/**
 * raw-obfuscation.ts: the client's side of obfuscation, for the emulator's own tests.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export class ClientObfuscation {
  /** The bytes sent first. */
  readonly init: Buffer;
  readonly #out;
  readonly #in;

  /** @param tag the tag of the transport inside; abridged repeats its one byte four times. */
  constructor(tag: Buffer) {
    const clear = randomBytes(64);
    clear[0] = 0x11; // neither a transport tag nor an HTTP verb
    clear[4] = 0x11; // not the sequence number of a full packet
    clear.fill(tag, 56, 60);
    const back = Buffer.from(clear.subarray(8, 56)).reverse();
    this.#out = createCipheriv('aes-256-ctr', clear.subarray(8, 40), clear.subarray(40, 56));
    this.#in = createDecipheriv('aes-256-ctr', back.subarray(0, 32), back.subarray(32));
    const encrypted = this.#out.update(clear);
    this.init = Buffer.concat([clear.subarray(0, 56), encrypted.subarray(56)]);
  }

  encrypt(bytes: Buffer): Buffer {
    return this.#out.update(bytes);
  }

  decrypt(bytes: Buffer): Buffer {
    return this.#in.update(bytes);
  }
}
