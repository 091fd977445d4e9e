/** random.ts: numbers determined by a seed, so that a run can be repeated. */

export interface Random {
  /** A whole number from 0 (inclusive) to `below` (exclusive). */
  upTo(below: number): number;
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, enough for some hundred steps. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (below: number) => Math.floor(next() * below);
  return {
    upTo,
    between: (least, most) => least + upTo(most - least + 1),
    pick: (from) => from[upTo(from.length)]!,
  };
}
