/** prisma-client.ts: Prisma's client, on the existing connection pool. */
import { setFlagsFromString } from 'node:v8';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient } from './generated/client.js';

/**
 * Prisma's query compiler is WebAssembly, which Node 20's V8 optimises in the background once it has run for some milliseconds: half a
 * second of CPU for statements that are compiled once. This sets the default of later V8s, as in Node 22: hot code is still optimised.
 * Applies to modules loaded from then on.
 */
const patience = '--wasm-tiering-budget=13000000';

/** Closed with the pool. */
export function openClient(pool: pg.Pool): PrismaClient {
  setFlagsFromString(patience);
  return new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { timeout: 60_000, maxWait: 30_000 },
  });
}
