/** statements.ts: what a server is asked during a while, from its own log. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Growth } from './open.js';

export interface Statement {
  /** Milliseconds, of an unspecified beginning. */
  endedAt: number;
  tookMs: number;
  text: string;
}

/** Runs `work` while Postgres logs every statement, and returns them in their order. */
export async function statementsDuring({ pool, postgres }: Growth, work: () => Promise<unknown>): Promise<Statement[]> {
  const path = join(postgres.data, '..', 'postgres.log');
  const set = async (minimum: string) => {
    await pool.query(`ALTER SYSTEM SET log_min_duration_statement = ${minimum}`);
    await pool.query(`ALTER SYSTEM SET log_line_prefix = '@%n '`);
    await pool.query('SELECT pg_reload_conf()');
  };
  const { size } = statSync(path);
  await set('0');
  await work();
  await set('-1');
  return parse(readFileSync(path).subarray(size).toString());
}

/** A statement of the extended protocol has three lines, of which the last one is its execution. */
function parse(log: string): Statement[] {
  return log.split(/^@/m).flatMap((entry) => {
    const [, at, took, , text] =
      /^([\d.]+) LOG: +duration: ([\d.]+) ms +(execute [^:]*|statement): ([^]*)/.exec(entry) ?? [];
    return text === undefined ? [] : [{ endedAt: Number(at) * 1000, tookMs: Number(took), text: text.trim() }];
  });
}
