/**
 * query-compiler.ts: what Prisma's query compiler costs at a start. It is WebAssembly, which the V8 of Node 20 optimises in the background
 * as soon as it has run for some milliseconds: half a second of CPU in every process, for statements that are compiled once.
 */
import { setFlagsFromString } from 'node:v8';

/** The default of later V8s, as in Node 22: what computes in earnest is still optimised. Counts for modules that are loaded from then on. */
const patience = '--wasm-tiering-budget=13000000';

export function compileQueriesCheaply(): void {
  setFlagsFromString(patience);
}
