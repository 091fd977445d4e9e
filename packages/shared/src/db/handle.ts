/**
 * handle.ts: the database as everybody else holds it. It tells nothing and takes no statement outside this folder: every question has
 * a name here. A transaction is a type of its own: what has to be all or nothing takes only that, and a database cannot pass for one.
 */
import type { PrismaClient } from './generated/client.js';

declare const opaque: unique symbol;

/** The database of an archive. */
export interface Db {
  readonly databaseUrl: string;
  readonly [opaque]: 'database';
}

/** A transaction in it. */
export interface Tx {
  readonly [opaque]: 'transaction';
}

/** Runs single statements, in a transaction or without one. */
export function sql(it: Db | Tx): Pick<PrismaClient, '$executeRaw' | '$queryRaw'> {
  return it as unknown as PrismaClient;
}

/** For reads by Prisma's types. */
export function models(db: Db): PrismaClient {
  return db as unknown as PrismaClient;
}

/** All that `work` does is done, or nothing of it. An error of `work` is thrown on. */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await models(db).$transaction((tx) => work(tx as unknown as Tx));
}

export function handleOf(client: PrismaClient, databaseUrl: string): Db {
  return Object.assign(client, { databaseUrl }) as unknown as Db;
}
