/** native.ts: IGE with the processor's AES instructions, if set-up could compile it (packages/shared/native/ige.c). Works in place. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Ige } from './ige.js';

type InPlace = (data: Uint8Array, key: Uint8Array, iv: Uint8Array) => void;

/** The folder of the package, seen from its sources as from its build. */
const addon = fileURLToPath(new URL('../../native/build/ige.node', import.meta.url));

/** Throws if it was not compiled, or does not work on this machine. */
export function nativeIge(): Ige {
  if (!existsSync(addon)) throw new Error('it was not compiled; is there a C compiler?');
  const { encrypt, decrypt } = createRequire(import.meta.url)(addon) as { encrypt?: InPlace; decrypt?: InPlace };
  if (!encrypt || !decrypt) throw new Error('this processor has no AES instructions');
  const inPlace = (work: InPlace): Ige['encrypt'] => {
    return (data, key, iv) => {
      work(data, key, iv);
      return data;
    };
  };
  return { name: 'native', encrypt: inPlace(encrypt), decrypt: inPlace(decrypt) };
}
