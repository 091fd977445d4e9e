import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { igeDecrypt, igeEncrypt } from './ige.js';

/** IGE straight from its definition, block by block. */
function plainIge(plain: Buffer, key: Buffer, iv: Buffer): Buffer {
  const aes = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const out = Buffer.alloc(plain.length);
  let c = iv.subarray(0, 16);
  let p = iv.subarray(16, 32);
  const xor = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.map((byte, index) => byte ^ b[index]!));
  for (let at = 0; at < plain.length; at += 16) {
    const block = plain.subarray(at, at + 16);
    c = xor(aes.update(xor(block, c)), p);
    c.copy(out, at);
    p = block;
  }
  return out;
}

const chunk = 1 << 16; // encrypted at a time

test.each([16, 32, 48, 64, 16 * 513, chunk - 16, chunk, chunk + 16, chunk + 32, 16 * 140_000])(
  '%i bytes are encrypted as by plain IGE',
  (length) => {
    const [plain, key, iv] = [randomBytes(length), randomBytes(32), randomBytes(32)];
    const encrypted = igeEncrypt(plain, key, iv);
    expect(encrypted.equals(plainIge(plain, key, iv))).toBe(true);
    if (length < 100_000) expect(igeDecrypt(encrypted, key, iv).equals(plain)).toBe(true);
  },
);

test('unaligned bytes are encrypted the same', () => {
  const [memory, key, iv] = [randomBytes(100), randomBytes(32), randomBytes(32)];
  const odd = memory.subarray(1, 65);
  expect(igeEncrypt(odd, key, iv)).toEqual(plainIge(Buffer.from(odd), key, iv));
  const encrypted = Buffer.alloc(65);
  plainIge(Buffer.from(odd), key, iv).copy(encrypted, 1);
  expect(igeDecrypt(encrypted.subarray(1), key, iv)).toEqual(Buffer.from(odd));
});

test('any length up to 4 KiB, at any place in memory', () => {
  const memory = randomBytes(5000);
  for (let blocks = 1; blocks <= 256; blocks++) {
    const [key, iv] = [randomBytes(32), randomBytes(32)];
    const plain = memory.subarray(blocks % 9, (blocks % 9) + 16 * blocks);
    expect(igeEncrypt(plain, key, iv).equals(plainIge(plain, key, iv))).toBe(true);
  }
});
