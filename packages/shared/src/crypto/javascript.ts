/** javascript.ts: GramJS's own IGE, several times slower than the others: for machines where WebAssembly does not work, and to compare. */
import { createRequire } from 'node:module';
import type { Ige } from './ige.js';

interface Stock {
  encryptIge(data: Buffer): Buffer;
  decryptIge(data: Buffer): Buffer;
}

export function javascriptIge(): Ige {
  // Not by gramjs.ts: threads need nothing else of GramJS.
  const { IGE } = createRequire(import.meta.url)('telegram/crypto/IGE.js') as {
    IGE: new (key: Uint8Array, iv: Uint8Array) => Stock;
  };
  return {
    name: 'javascript',
    encrypt: (data, key, iv) => new IGE(key, iv).encryptIge(bufferOf(data)),
    decrypt: (data, key, iv) => new IGE(key, iv).decryptIge(bufferOf(data)),
  };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
