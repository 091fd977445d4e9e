/**
 * schema-engine.ts: Prisma's own migration engine in its WebAssembly build: the native one is downloaded from outside the registry, which
 * a fresh machine or a NAS may not reach.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import { postgresOptions } from '../config/index.js';
import { type Migration, ownMigrations } from './schema-version.js';

/** Exists in Node, but not in @types/node 20. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

type Engine = import('@prisma/schema-engine-wasm').SchemaEngine;

let loaded: Promise<typeof import('@prisma/schema-engine-wasm')> | undefined;

/** The package imports its .wasm file as a module, which Node does not support, so it is instantiated by hand. */
async function load(): Promise<typeof import('@prisma/schema-engine-wasm')> {
  const require = createRequire(import.meta.url);
  const glue =
    (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as typeof import('@prisma/schema-engine-wasm') & {
      __wbg_set_wasm(exports: unknown): void;
    };
  const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(file), {
    './schema_engine_bg.js': glue,
  });
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => panics.push(message) } });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue;
}
const panics: string[] = [];

let last: Promise<unknown> = Promise.resolve();

/** Runs `use` with a schema engine that is connected to a database, and frees it. One after another: the engine is not reentrant. */
export async function withSchemaEngine<T>(databaseUrl: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const mine = last.catch(() => {}).then(() => run(databaseUrl, use));
  last = mine;
  return await mine;
}

async function run<T>(databaseUrl: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const { SchemaEngine } = await (loaded ??= load());
  // Passed in parts: with a connection string the engine's shadow database would be the same database.
  const adapter = new PrismaPg(postgresOptions(databaseUrl));
  // The engine never closes its connections, and one of them holds the lock that keeps other migrations out.
  const opened: { dispose(): Promise<void> }[] = [];
  let refusal: unknown;
  const connect = adapter.connect.bind(adapter);
  adapter.connect = async () => {
    const connection = await connect();
    opened.push(connection);
    const execute = connection.executeScript.bind(connection);
    connection.executeScript = async (script) => {
      const migration = ownMigrations().find((it) => it.sql === script);
      if (!migration) return await execute(script); // the table of the records
      try {
        // Sent in one piece: the adapter would split it at every semicolon, even in comments and functions.
        await connection.underlyingDriver().query(whole(migration));
      } catch (error) {
        refusal = error; // the engine would only report that there was one
        throw error;
      }
    };
    const query = connection.queryRaw.bind(connection);
    const change = connection.executeRaw.bind(connection);
    connection.queryRaw = (params) => query(isLock(params.sql) ? { ...params, ...nothing } : params);
    connection.executeRaw = (params) => change(isLock(params.sql) ? { ...params, ...nothing } : params);
    return connection;
  };
  const engine = await SchemaEngine.new(
    { datamodels: undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
  try {
    return await use(engine);
  } catch (error) {
    throw refusal ?? readable(error);
  } finally {
    engine.free();
    await Promise.all(opened.map((it) => it.dispose()));
  }
}

/** The caller holds the lock, in a way that also works behind a pool. */
function isLock(sql: string): boolean {
  return /pg_advisory_lock/i.test(sql);
}
const nothing = { sql: 'SELECT 1', args: [], argTypes: [] };

/**
 * A migration and the end of its record are one transaction (like anything sent to Postgres in one piece): both or neither, wherever it
 * is interrupted, and whatever its file says about transactions. If its record is gone, it must not commit: another process has started
 * over.
 */
function whole({ name, sql }: Migration): string {
  // Earlier versions ran a file without BEGIN statement by statement, and may have been interrupted between two of them.
  const statements = /^BEGIN;/m.test(sql)
    ? sql.replace(/^(BEGIN|COMMIT);\s*$/gm, '')
    : sql.replace(/(CREATE INDEX|ADD COLUMN) "/g, '$1 IF NOT EXISTS "');
  const finish = `WITH finished AS (UPDATE _prisma_migrations SET finished_at = now()
    WHERE migration_name = '${name}' AND finished_at IS NULL AND rolled_back_at IS NULL RETURNING 1)
    SELECT 1 / count(*) AS "its record is there" FROM finished`;
  return `${statements.trimEnd().replace(/;$/, '')};\n${finish};\n`;
}

function readable(error: unknown): unknown {
  const panic = panics.pop();
  return panic ? new Error(`Prisma's schema engine failed: ${panic}`, { cause: error }) : error;
}
