/** transaction.ts: what one connection does from BEGIN to COMMIT. */
import type pg from 'pg';
import { Statements } from './statements.js';

export interface Limits {
  /** How long to wait for a connection if all are in use or Postgres does not answer. */
  waitMs: number;
  /** How long it may take in all, as others wait for its locks. */
  workMs: number;
  /**
   * For a few rows of large tables, found one by one by index: Postgres takes a table for small that it has not looked at lately, and reads
   * all of it, and the plan of a prepared statement outlives that.
   */
  byIndex: boolean;
}

const beginByIndex = `BEGIN; ${['seqscan', 'hashjoin', 'mergejoin'].map((it) => `SET LOCAL enable_${it} = off`).join('; ')}`;

const usual: Limits = { waitMs: 30_000, workMs: 60_000, byIndex: false };

/** Commits what `work` did. If it throws, takes too long or the connection breaks, nothing takes effect. Rethrows errors. */
export async function transact<T>(
  pool: pg.Pool,
  work: (statements: Statements) => Promise<T>,
  limits: Partial<Limits> = {},
): Promise<T> {
  const { waitMs, workMs, byIndex } = { ...usual, ...limits };
  const client = await connectionOf(pool, waitMs);
  let ended: Error | undefined;
  const end = (reason: Error, broken?: Error) => {
    if (ended) return;
    ended = reason;
    client.release(broken);
  };
  const tooLong = new Error(`a transaction was rolled back: it took longer than ${workMs / 1000} s`);
  const timer = setTimeout(() => end(tooLong, tooLong), workMs); // Postgres rolls back when the connection is lost
  const query = async (statement: string | pg.QueryConfig<unknown[]>) => {
    if (ended) throw ended;
    return await client.query(statement);
  };
  try {
    await query(byIndex ? beginByIndex : 'BEGIN');
    const result = await work(new Statements({ query }));
    clearTimeout(timer); // an interrupted COMMIT may still have taken effect
    const { command } = await query('COMMIT');
    // Postgres' answer if a statement's error was caught: nothing was committed, and nothing else would say so.
    if (command !== 'COMMIT') throw new Error('a transaction with a failed statement was rolled back');
    return result;
  } catch (error) {
    await query('ROLLBACK').catch((broken: Error) => end(broken, broken));
    throw ended === tooLong ? tooLong : error;
  } finally {
    clearTimeout(timer);
    end(new Error('a statement was run after its transaction had ended'));
  }
}

async function connectionOf(pool: pg.Pool, waitMs: number): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no database connection became free within ${waitMs / 1000} s`)), waitMs);
  });
  try {
    return await Promise.race([connecting, late]);
  } catch (error) {
    connecting.then(
      (client) => client.release(),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
