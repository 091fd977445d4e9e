/** statements.ts: runs statements, and converts values on the way in and out. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { type SqlText, sqlText } from './sql-text.js';

type Template = [strings: TemplateStringsArray, ...values: unknown[]];

/** What runs a statement: a pool, or one of its connections. */
export interface Runner {
  query(statement: pg.QueryConfig<unknown[]>): Promise<pg.QueryResult>;
}

/**
 * Rows hold bigint columns as bigint, numeric as exact text, bytea as bytes, json parsed, and timestamps as Date (UTC). Parameters may be
 * bigint, number, Date, bytes or arrays of them; anything else goes in as text, with a cast in the statement. Throws TypeError if a parameter is
 * undefined, and the errors of `pg`.
 */
export class Statements {
  constructor(
    private readonly runner: Runner,
    private readonly isPrepared = false,
  ) {}

  /**
   * The same for statements that run for every file: each connection keeps their plan, because planning one of them takes as long as running
   * it. Not for those whose best plan depends on the parameters.
   */
  get prepared(): Statements {
    return new Statements(this.runner, true);
  }

  /** The rows. */
  async $queryRaw<T = unknown>(...[strings, ...values]: Template): Promise<T> {
    return (await this.run(sqlText(strings, values))).rows as T;
  }

  /** How many rows were changed. */
  async $executeRaw(...[strings, ...values]: Template): Promise<number> {
    return (await this.run(sqlText(strings, values))).rowCount ?? 0;
  }

  private async run({ text, values }: SqlText): Promise<pg.QueryResult> {
    const name = this.isPrepared ? { name: nameOf(text) } : {};
    return await this.runner.query({ ...name, text, values: values.map(parameter), types: { getTypeParser } });
  }
}

const names = new Map<string, string>();

/** The name of a statement that is kept: another text has another name. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (!name) names.set(text, (name = createHash('sha1').update(text).digest('hex')));
  return name;
}

/** The driver writes a Date in this machine's time zone, whose historic offsets Postgres may interpret differently. */
function parameter(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value === undefined) throw new TypeError('a statement parameter is undefined');
  return value;
}

type Parser = (text: string) => unknown;
const driver = pg.types as unknown as { getTypeParser(type: number, format?: string): Parser };
const { INT8, TIMESTAMP, DATE } = pg.types.builtins;
const int8Array = 1016;
const texts = driver.getTypeParser(int8Array) as (array: string) => (string | null)[];

/** Types that the driver would read as text, or as local time. */
const parsers = new Map<number, Parser>([
  [INT8, BigInt],
  [int8Array, (array) => texts(array).map((it) => (it === null ? null : BigInt(it)))],
  [TIMESTAMP, (text) => new Date(`${text.replace(' ', 'T')}Z`)],
  [DATE, (text) => new Date(text)],
]);

function getTypeParser(type: number, format?: string): Parser {
  return parsers.get(type) ?? driver.getTypeParser(type, format);
}
