/** choose.ts: which implementation of IGE this machine uses: the fastest that works, or the one that TGSYNC_CIPHER names. */
import { randomBytes } from 'node:crypto';
import type { Cipher } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import type { Ige } from './ige.js';
import { javascriptIge } from './javascript.js';
import { nativeIge } from './native.js';
import { wasmIge } from './wasm.js';

/** From the fastest to the slowest. */
const made: Record<Cipher, () => Ige> = { native: nativeIge, wasm: wasmIge, javascript: javascriptIge };

export interface Choice {
  ige: Ige;
  /** Why faster ones are not used. */
  refused: { name: Cipher; reason: string }[];
}

/** Throws a PersonError if the wanted one does not work, as whoever names one wants to know. */
export function chooseIge(wanted?: Cipher): Choice {
  const refused: Choice['refused'] = [];
  for (const name of wanted ? [wanted] : (Object.keys(made) as Cipher[])) {
    try {
      return { ige: checked(made[name]()), refused };
    } catch (error) {
      refused.push({ name, reason: (error as Error).message });
    }
  }
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new PersonError(`No usable cipher (TGSYNC_CIPHER): ${reasons}.`);
}

/** What was compiled for this machine is not trusted blindly: wrong bytes would look like an attack on every connection. */
function checked(ige: Ige): Ige {
  if (ige.name !== 'native') return ige;
  const other = portable();
  for (const length of [16, 32, 240, 4096]) {
    const [data, key, iv] = [randomBytes(length), randomBytes(32), randomBytes(32)];
    const right = other.encrypt(Buffer.from(data), key, iv);
    const isRight =
      same(ige.encrypt(Buffer.from(data), key, iv), right) && same(ige.decrypt(Buffer.from(right), key, iv), data);
    if (!isRight) throw new Error('it computes wrong results');
  }
  return ige;
}

function portable(): Ige {
  try {
    return wasmIge();
  } catch {
    return javascriptIge();
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
