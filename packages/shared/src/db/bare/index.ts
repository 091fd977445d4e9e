/** bare: the database with all that Prisma can do, for tests alone: they look behind what the product asks, and prepare what it meets. */
import type { PrismaClient } from '../generated/client.js';
import type { Db } from '../handle.js';

export { inTransaction } from '../handle.js';

export type BareDb = Db & PrismaClient;

export function bare(db: Db): BareDb {
  return db as BareDb;
}
