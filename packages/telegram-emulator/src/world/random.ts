/**
 * random.ts: the only source of randomness in a world, and the ids derived from it.
 * The same seed gives the same world on every machine, so nothing here may use a clock or Math.random.
 */

const MASK = (1n << 64n) - 1n;

/** A 64-bit number that depends on every bit of `value` (the finaliser of splitmix64), unsigned. */
export function mix64(value: bigint): bigint {
  let mixed = (value + 0x9e3779b97f4a7c15n) & MASK;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return mixed ^ (mixed >> 31n);
}

/** A 64-bit hash of a text, unsigned. */
export function hashText(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, 'utf8')) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  return mix64(hash);
}

/** A 32-bit number that depends on every bit of both arguments; cheap enough to compute for each block of a file. */
export function mix32(a: number, b: number): number {
  let mixed = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** A stream of numbers determined by its seed. */
export class Random {
  readonly #seed: bigint;
  #state: number;
  #steps = 0;

  constructor(seed: string | number | bigint) {
    this.#seed = hashText(String(seed));
    this.#state = Number(this.#seed & 0xffffffffn);
  }

  /** An independent stream, so that one part of the generator can change without affecting the others. */
  fork(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** A whole number from 0 to `below` − 1. */
  int(below: number): number {
    this.#steps += 1;
    this.#state = mix32(this.#state, this.#steps);
    return Math.floor((this.#state / 0x100000000) * below);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.int(1_000_000) < probability * 1_000_000;
  }

  /** One of the items. Throws if there are none. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    if (item === undefined) throw new Error('cannot pick from no items');
    return item;
  }

  /** A positive 63-bit number, as Telegram's ids of photos, documents and albums are. */
  id64(): bigint {
    this.#steps += 1;
    return (mix64(this.#seed + BigInt(this.#steps)) >> 1n) | (1n << 61n);
  }
}
