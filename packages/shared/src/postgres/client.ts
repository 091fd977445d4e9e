/**
 * client.ts: connections to Postgres that survive errors and detect silence. A server that ends an idle connection causes an error
 * event, and an unhandled error event ends the process. A connection whose packets get lost reports nothing: TCP gives up only after a
 * quarter of an hour.
 */
import type { Socket } from 'node:net';
import pg from 'pg';
import type { PostgresOptions } from '../config/index.js';

const connectTimeoutMs = 5000;
/** After this long without a byte, a second connection checks whether the server is there at all: a long statement is silent, too. */
const silenceMs = 15_000;
/** A process that stands still in a transaction, or cannot be reached, loses it and its locks, for which all others wait. */
const idleInTransactionMs = 20_000;
const ignore = () => {}; // the next query on it fails with the reason

/** Connects, passes the client to `use`, and closes the connection. Throws if no connection is made within five seconds. */
export async function withClient<T>(options: PostgresOptions, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...options, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', ignore);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(ignore);
  }
}

/** Statements get a live connection, or an error within about twenty seconds. */
export function openPool(options: PostgresOptions, most: number): pg.Pool {
  const pool = new pg.Pool({
    ...options,
    max: most,
    keepAlive: true,
    keepAliveInitialDelayMillis: silenceMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  });
  const line = new Line(options);
  pool.on('error', ignore); // while it is idle
  pool.on('connect', (client) => {
    client.on('error', ignore); // while it is in use
    line.watch(socketOf(client));
  });
  return pool;
}

/** Checks that the server can be reached. */
class Line {
  private probing: Promise<void> | undefined;

  constructor(private readonly options: PostgresOptions) {}

  watch(socket: Socket): void {
    socket.setTimeout(silenceMs);
    socket.on('timeout', () => {
      this.probing ??= this.probe().finally(() => (this.probing = undefined));
      this.probing.catch(() => socket.destroy(new Error('the database is not responding')));
    });
  }

  /** A refusal is an answer, too: the server may have no connection left. */
  private async probe(): Promise<void> {
    try {
      await withClient({ ...this.options, query_timeout: connectTimeoutMs }, (client) => client.query('SELECT 1'));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

/** Whether the error is from Postgres itself: an SQLSTATE has five characters. */
function isRefusal(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? '');
}

/** The library documents this property only for this purpose. */
function socketOf(client: pg.PoolClient): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}
