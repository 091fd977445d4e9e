/** prisma-client.ts: Prisma's client, on the connections that there are anyway. */
import { setFlagsFromString } from 'node:v8';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient } from './generated/client.js';

/**
 * Its query compiler is WebAssembly, which the V8 of Node 20 optimises in the background as soon as it has run for some milliseconds: half
 * a second of CPU, for statements that are compiled once. This is the default of later V8s, as in Node 22: what computes in earnest is
 * still optimised. Counts for modules that are loaded from then on.
 */
const patience = '--wasm-tiering-budget=13000000';

/** Closing the pool closes it. */
export function openClient(pool: pg.Pool): PrismaClient {
  setFlagsFromString(patience);
  return new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { timeout: 60_000, maxWait: 30_000 },
  });
}
