/**
 * handle.ts: the database as everybody else holds it. It tells nothing and takes no statement outside this folder: every question has
 * a name here. A transaction is a type of its own: what has to be all or nothing takes only that, and a database cannot pass for one.
 */
import type pg from 'pg';
import type { PrismaClient } from './generated/client.js';
import { Statements } from './statements.js';
import { type Limits, transact } from './transaction.js';

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

interface Inside {
  databaseUrl: string;
  pool: pg.Pool;
  statements: Statements;
  /** Prisma's client, once somebody has asked for it. */
  client?: Promise<PrismaClient>;
}

function inside(db: Db): Inside {
  return db as unknown as Inside;
}

/** Runs single statements, in a transaction or without one. */
export function sql(it: Db | Tx): Statements {
  return (it as unknown as Pick<Inside, 'statements'>).statements;
}

/**
 * For reads by Prisma's types, in the fetch worker alone: the client and its query compiler take a hundred MiB, so that a process has them
 * only once it asks.
 */
export async function models(db: Db): Promise<PrismaClient> {
  const it = inside(db);
  it.client ??= import('./prisma-client.js').then(({ openClient }) => openClient(it.pool));
  return await it.client;
}

/** All that `work` does is done, or nothing of it. An error of `work` is thrown on. */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>, limits?: Limits): Promise<T> {
  return await transact(inside(db).pool, (statements) => work({ statements } as unknown as Tx), limits);
}

export function handleOf(pool: pg.Pool, databaseUrl: string): Db {
  return { databaseUrl, pool, statements: new Statements(pool) } satisfies Inside as unknown as Db;
}

export function poolOf(db: Db): pg.Pool {
  return inside(db).pool;
}
