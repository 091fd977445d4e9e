/**
 * handle.ts: the database handle for all other folders. It is opaque and takes no statements outside this folder: every query has a
 * function here. A transaction has its own type: what must be atomic takes only that, and a plain database cannot be passed for one.
 */
import type pg from 'pg';
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
}

function inside(db: Db): Inside {
  return db as unknown as Inside;
}

/** Runs single statements, in a transaction or without one. */
export function sql(it: Db | Tx): Statements {
  return (it as unknown as Pick<Inside, 'statements'>).statements;
}

/** Runs `work` in a transaction: all of it takes effect, or nothing. Rethrows its errors. */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>, limits?: Partial<Limits>): Promise<T> {
  return await transact(inside(db).pool, (statements) => work({ statements } as unknown as Tx), limits);
}

export function handleOf(pool: pg.Pool, databaseUrl: string): Db {
  return { databaseUrl, pool, statements: new Statements(pool) } satisfies Inside as unknown as Db;
}

export function poolOf(db: Db): pg.Pool {
  return inside(db).pool;
}
