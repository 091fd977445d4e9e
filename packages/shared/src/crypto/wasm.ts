/**
 * wasm.ts: IGE by the WebAssembly of mtcute, which works wherever Node does. Called without mtcute's JavaScript, which allocates and
 * copies three times the message; this works in place, and in little memory whatever comes.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SIMD_AVAILABLE } from '@mtcute/wasm';
import type { Ige } from './ige.js';

/** Part of every Node, but not of its typings. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (code: object) => { exports: unknown };
};

type Work = (data: number, length: number, out: number) => void;

/** What is used of the module; numbers are places in its memory. */
interface Exports {
  memory: { buffer: ArrayBuffer };
  __malloc(size: number): number;
  __get_shared_key_buffer(): number;
  __get_shared_iv_buffer(): number;
  ige256_encrypt: Work;
  ige256_decrypt: Work;
}

const blockBytes = 16;
/** What is copied into the module at once: it stays in the processor's cache. */
const chunkBytes = 64 * 1024;

/** Throws if WebAssembly does not work here, or the module has changed. */
export function wasmIge(): Ige {
  const file = SIMD_AVAILABLE ? '@mtcute/wasm/mtcute-simd.wasm' : '@mtcute/wasm/mtcute.wasm';
  const code = new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve(file)));
  const module = new WebAssembly.Instance(code).exports as Exports;
  const place = module.__malloc(chunkBytes);
  const keyPlace = module.__get_shared_key_buffer();
  const ivPlace = module.__get_shared_iv_buffer();
  // Never grows, so this view stays valid: nothing else is allocated.
  const memory = new Uint8Array(module.memory.buffer);
  const chunk = memory.subarray(place, place + chunkBytes);

  const inPlace =
    (work: Work, sealedFirst: boolean): Ige['encrypt'] =>
    (data, key, iv) => {
      memory.set(key, keyPlace);
      memory.set(iv, ivPlace);
      for (let at = 0; at < data.length; at += chunkBytes) {
        const part = data.subarray(at, at + chunkBytes);
        chunk.set(part);
        const given = Uint8Array.from(part.subarray(-blockBytes));
        work(place, part.length, place);
        const made = chunk.subarray(0, part.length);
        part.set(made);
        // The next chunk continues after the last block, sealed and plain.
        const last = made.subarray(-blockBytes);
        memory.set(sealedFirst ? given : last, ivPlace);
        memory.set(sealedFirst ? last : given, ivPlace + blockBytes);
      }
      return data;
    };
  return {
    name: 'wasm',
    encrypt: inPlace(module.ige256_encrypt, false),
    decrypt: inPlace(module.ige256_decrypt, true),
  };
}
