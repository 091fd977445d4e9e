/** wasm.ts: IGE by the WebAssembly of mtcute, which works wherever Node does. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ige256Decrypt, ige256Encrypt, initSync, SIMD_AVAILABLE } from '@mtcute/wasm';
import type { Ige } from './ige.js';

export function wasmIge(): Ige {
  const file = SIMD_AVAILABLE ? '@mtcute/wasm/mtcute-simd.wasm' : '@mtcute/wasm/mtcute.wasm';
  initSync(readFileSync(createRequire(import.meta.url).resolve(file)));
  return { name: 'wasm', encrypt: ige256Encrypt, decrypt: ige256Decrypt };
}
