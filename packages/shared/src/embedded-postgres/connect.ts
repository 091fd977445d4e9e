/** connect.ts: does a server answer, and is it ours? Our password and our data folder prove it. */
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PersonError } from '../errors/index.js';
import { superuser } from './programs.js';

const database = 'tgsync';
const patienceMs = 60_000;

/** The connection URL of a database on a local port. */
export function urlOf(password: string, port: number, name = database): string {
  return `postgresql://${superuser}:${password}@127.0.0.1:${port}/${name}`;
}

export interface Expected {
  password: string;
  port: number;
  data: string;
}

/**
 * Waits until the server answers, then makes sure its database exists. `isThere` says whether there is still a server to wait for, and
 * whether it is still starting, which may take any time.
 */
export async function untilReady(
  expected: Expected,
  isThere: () => 'no' | 'yes' | 'starting',
): Promise<'ready' | 'gone' | 'no answer'> {
  for (let deadline = performance.now() + patienceMs; ;) {
    try {
      await ensureDatabase(expected);
      return 'ready';
    } catch (error) {
      if ((error as { code?: string }).code === '28P01' || error instanceof PersonError) throw refused(expected);
    }
    const there = isThere();
    if (there === 'no') return 'gone';
    if (there === 'starting') deadline = performance.now() + patienceMs;
    if (performance.now() > deadline) return 'no answer';
    await sleep(50);
  }
}

function refused({ port, data }: Expected): PersonError {
  return new PersonError(
    `The server on port ${port} does not belong to ${data}: its postmaster.pid or password file is wrong.`,
  );
}

async function ensureDatabase({ password, port, data }: Expected): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(password, port, 'postgres') });
  client.on('error', () => {}); // a broken connection must not end the process: the query fails
  try {
    await client.connect();
    const found = await client.query<{ folder: string; made: boolean }>(
      `SELECT current_setting('data_directory') AS folder,
              EXISTS (SELECT FROM pg_database WHERE datname = $1) AS made`,
      [database],
    );
    const { folder, made } = found.rows[0]!;
    if (!isSameFolder(folder, data)) throw refused({ password, port, data });
    if (!made) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end().catch(() => {});
  }
}

function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((it) => statSync(it, { throwIfNoEntry: false }));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}
