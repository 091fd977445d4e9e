/** inspect.ts: checks, before anything is written, whether a database can be used for an archive, and says how to make it usable. */
import type pg from 'pg';
import { PersonError } from '../errors/index.js';
import { newerDatabase, ownMigrations, type SchemaState, schemaState } from './schema-version.js';

interface Facts {
  encoding: string;
  /** Where new tables go. */
  schema: string | null;
  hasPublic: boolean;
  mayUse: boolean;
  mayCreate: boolean;
  mayCreateSchemas: boolean;
  hasQueues: boolean;
  hasRecord: boolean;
  /** An existing table or view, other than the migration records. */
  table: string | null;
  /** Quoted, to be inserted into a statement. */
  user: string;
  database: string;
}

const look = `
  SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema,
    to_regnamespace('public') IS NOT NULL AS "hasPublic",
    coalesce(has_schema_privilege(to_regnamespace('public'), 'USAGE'), false) AS "mayUse",
    coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) AS "mayCreate",
    has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchemas",
    to_regnamespace('bullmq') IS NOT NULL AS "hasQueues",
    EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relname = '_prisma_migrations') AS "hasRecord",
    (SELECT min(relname) FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'p', 'v', 'm', 'f')
      AND relname <> '_prisma_migrations') AS table,
    quote_ident(current_user) AS user, quote_ident(current_database()) AS database`;

export interface Needs {
  /** Whether this process will upgrade the database. */
  migrate: boolean;
  /** Whether the queues are in it. */
  queues: boolean;
}

/** Throws a PersonError, with the statement that helps, if it cannot be used. */
export async function inspect(client: pg.Client, needs: Needs): Promise<SchemaState> {
  const { rows } = await client.query<Facts>(look);
  const facts = rows[0]!;
  const state = await stateOf(client, facts);
  const problem = problemWith(facts, state, needs);
  if (problem) throw new PersonError(problem);
  return state;
}

async function stateOf(client: pg.Client, { hasRecord, table, mayUse }: Facts): Promise<SchemaState> {
  if (!hasRecord) return table === null ? 'older' : 'foreign';
  if (!mayUse) return 'older'; // its contents show once access is granted
  const { rows } = await client.query<{ name: string; done: boolean }>(
    'SELECT migration_name AS name, finished_at IS NOT NULL AND rolled_back_at IS NULL AS done FROM public._prisma_migrations',
  );
  const own = ownMigrations().map((it) => it.name);
  const done = rows.filter((it) => it.done).map((it) => it.name);
  // Nothing was applied of migrations of ours that were interrupted.
  const isForeign = done.length === 0 && (table !== null || rows.some((it) => !own.includes(it.name)));
  return isForeign ? 'foreign' : schemaState(done, own);
}

/** Pure: why tgsync cannot use this database, and the remedy. */
export function problemWith(facts: Facts, state: SchemaState, { migrate, queues }: Needs): string | undefined {
  const { encoding, schema, user, database } = facts;
  const run = (sql: string) => `As a superuser, run in this database: ${sql};`;
  if (state === 'newer') return newerDatabase;
  if (state === 'foreign')
    return (
      `This database contains another program's tables${facts.table === null ? '' : ` (such as ${facts.table})`}. Nothing was changed. Use a separate ` +
      'database for tgsync (db.url).'
    );
  if (encoding !== 'UTF8' && encoding !== 'SQL_ASCII')
    return (
      `The encoding of this database is ${encoding}, which cannot store every message. Create another one for tgsync (db.url): ` +
      `CREATE DATABASE tgsync OWNER ${user} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;`
    );
  if (!facts.hasPublic)
    return `This database has no schema "public". ${run(`CREATE SCHEMA public AUTHORIZATION ${user}`)}`;
  const needsTables = migrate && state === 'older';
  if (!facts.mayUse || (needsTables && !facts.mayCreate))
    return `The database role ${user} may not make tables in the schema "public". ${run(`GRANT USAGE, CREATE ON SCHEMA public TO ${user}`)}`;
  if (schema !== 'public')
    return (
      `The database role ${user} would create its tables in the schema ${JSON.stringify(schema ?? 'none')} instead of "public". ` +
      run(`ALTER ROLE ${user} IN DATABASE ${database} SET search_path = public`)
    );
  if (queues && !facts.hasQueues && !facts.mayCreateSchemas)
    return `The database role ${user} may not make the schema "bullmq", where the queues live. ${run(`GRANT CREATE ON DATABASE ${database} TO ${user}`)}`;
  return undefined;
}
