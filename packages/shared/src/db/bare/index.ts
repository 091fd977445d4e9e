/** bare: the database with everything that Prisma can do, for tests only: to set up states and look behind the product's queries. */
import type { PrismaClient } from '../generated/client.js';
import { type Db, poolOf } from '../handle.js';
import { openClient } from '../prisma-client.js';

export { inTransaction, sql } from '../handle.js';
export { Prisma } from '../sql-text.js';

export type BareDb = Db & PrismaClient;

export function bare(db: Db): BareDb {
  return Object.assign(openClient(poolOf(db)), db);
}
