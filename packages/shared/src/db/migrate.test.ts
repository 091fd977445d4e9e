/** A database is upgraded to this version once, whoever comes first; another tool's or another account's is refused. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLogger } from '@tgsync/shared/app';
import { parseConfig, readEnvironment } from '@tgsync/shared/config';
import { archiveId, closeDb, hasSavedFiles, migrate, openDb } from '@tgsync/shared/db';
import { Sessions } from '@tgsync/shared/session';
import { Account } from '@tgsync/shared/telegram';
import { expect } from 'vitest';
import pg from 'pg';
import { patience, test as base } from '@tgsync/testing';

/** A database without any table. */
const test = base.extend<{ emptyUrl: string; query: (sql: string) => Promise<unknown[]> }>({
  emptyUrl: async ({ databaseUrl }, use) => {
    const name = `empty_${randomBytes(6).toString('hex')}`;
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    const url = new URL(databaseUrl);
    url.pathname = `/${name}`;
    await use(url.href);
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  },
  query: async ({ emptyUrl }, use) => {
    const client = new pg.Client({ connectionString: emptyUrl });
    await client.connect();
    await use(async (sql) => (await client.query<object>(sql)).rows);
    await client.end();
  },
});

/** Runs `migrate` in a separate process; returns the names of the migrations that it applied. */
async function migrateElsewhere(url: string): Promise<string[]> {
  const script = `import { migrate } from '@tgsync/shared/db'; process.stdout.write(JSON.stringify(await migrate(process.argv[1])), () => process.exit());`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, url], { cwd });
  return JSON.parse(stdout) as string[];
}

const applied = `SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1`;

test('of three concurrent processes one applies the migrations, and all find them applied', async ({
  emptyUrl,
  query,
}) => {
  const all = await Promise.all([1, 2, 3].map(() => migrateElsewhere(emptyUrl)));
  const names = all.flat();
  expect(names.length).toBeGreaterThan(0);
  expect(new Set(names).size).toBe(names.length);
  expect(await query(applied)).toEqual([...names].sort().map((name) => ({ name })));
  expect(await query('SELECT count(*)::int AS count FROM message')).toEqual([{ count: 0 }]);
});

test('concurrent calls in one process apply them once, and a later one finds nothing to do', async ({
  emptyUrl,
  query,
}) => {
  const names = (await Promise.all([1, 2, 3].map(() => migrate(emptyUrl)))).flat();
  expect(await query(applied)).toEqual([...names].sort().map((name) => ({ name })));
  expect(await migrate(emptyUrl)).toEqual([]);
});

test('a migration interrupted before it did anything is done again', async ({ emptyUrl, query }) => {
  await migrate(emptyUrl);
  const [{ table }] = (await query(`SELECT count(*)::int AS table FROM pg_tables WHERE schemaname = 'public'`)) as [
    { table: number },
  ];
  await query('UPDATE _prisma_migrations SET finished_at = NULL');
  await query(`DO $$ DECLARE it text; BEGIN FOR it IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename <> '_prisma_migrations' LOOP EXECUTE format('DROP TABLE %I CASCADE', it); END LOOP; END $$`);
  expect((await migrate(emptyUrl)).length).toBeGreaterThan(0);
  expect(await query(`SELECT count(*)::int AS table FROM pg_tables WHERE schemaname = 'public'`)).toEqual([{ table }]);
});

/** Does something when a migration without a transaction of its own creates the second of its two indexes. */
async function atSecondIndex(query: (sql: string) => Promise<unknown[]>, statement: string): Promise<void> {
  await query(`CREATE FUNCTION act() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.document_refused') THEN
      ${statement}; END IF; END $$`);
  await query('CREATE EVENT TRIGGER at_second_index ON ddl_command_end EXECUTE FUNCTION act()');
}

test('a migration that fails at its last statement leaves nothing behind, and the next start applies it', async ({
  emptyUrl,
  query,
}) => {
  await atSecondIndex(query, `RAISE EXCEPTION 'not now'`);
  await expect(migrate(emptyUrl)).rejects.toThrow('not now');
  expect(await query(`SELECT to_regclass('photo_refused') AS index`)).toEqual([{ index: null }]);
  await query('DROP EVENT TRIGGER at_second_index');
  await migrate(emptyUrl);
  expect(await query(`SELECT to_regclass('dialog')::text AS table`)).toEqual([{ table: 'dialog' }]);
});

test('a migration whose record was deleted by another process commits nothing', async ({ emptyUrl, query }) => {
  await atSecondIndex(query, 'DELETE FROM _prisma_migrations WHERE finished_at IS NULL');
  await expect(migrate(emptyUrl)).rejects.toThrow();
  expect(await query(`SELECT to_regclass('photo_refused') AS index`)).toEqual([{ index: null }]);
});

test('a migration that an earlier version applied only in part is no obstacle', async ({ emptyUrl, query }) => {
  await atSecondIndex(query, `RAISE EXCEPTION 'not now'`);
  await expect(migrate(emptyUrl)).rejects.toThrow('not now');
  await query('DROP EVENT TRIGGER at_second_index');
  await query('CREATE INDEX photo_refused ON photo (id) WHERE reference_refused_at IS NOT NULL AND NOT saved');
  await query('ALTER TABLE message_media ADD COLUMN was_linked BOOLEAN NOT NULL DEFAULT false');
  const names = await migrate(emptyUrl);
  expect(names).toEqual(expect.arrayContaining(['20261125000000_refused_references', '20261126000000_was_linked']));
});

test('after a kill at any point, the next run continues', async ({ emptyUrl, query }) => {
  const script = `import { migrate } from '@tgsync/shared/db'; process.send('go'); await migrate(process.argv[1]);`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  for (const ms of [10, 60, 90, 120, 150, 180, 220, 300]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, emptyUrl], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    const gone = once(child, 'exit');
    setTimeout(() => child.kill('SIGKILL'), ms);
    await gone;
  }
  await migrate(emptyUrl);
  expect(await query('SELECT count(*)::int AS count FROM message')).toEqual([{ count: 0 }]);
  expect(await query('SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NULL')).toEqual([]);
});

test('migrating leaves no connection open', async ({ emptyUrl, query }) => {
  await migrate(emptyUrl);
  const others = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
  await expect.poll(() => query(others), patience).toEqual([]);
});

test('another tool’s database is refused and left untouched', async ({ emptyUrl, query }) => {
  await query('CREATE TABLE message (id bigint)');
  await expect(openDb(emptyUrl)).rejects.toMatchObject({
    name: 'PersonError',
    message: expect.stringContaining("another program's tables") as string,
  });
  expect(await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([
    { tablename: 'message' },
  ]);
});

test('a missing database and a wrong password are reported clearly', async ({ databaseUrl }) => {
  const [missing, wrong] = [new URL(databaseUrl), new URL(databaseUrl)];
  missing.pathname = '/nowhere';
  wrong.password = 'wrong';
  await expect(openDb(missing.href)).rejects.toMatchObject({ name: 'PersonError' });
  const refused = await openDb(wrong.href).then(closeDb, (error: unknown) => error as Error);
  expect(refused).toMatchObject({ name: 'PersonError', message: expect.stringContaining('password') as string });
  expect((refused as Error).message).not.toContain('wrong');
});

test('an archive’s id is created once, even by many processes at once', async ({ db }) => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => archiveId(db)));
  expect(new Set([...ids, await archiveId(db)]).size).toBe(1);
  expect(await hasSavedFiles(db)).toBe(false);
});

test('the database belongs to the first account; another one is refused, the first may log in again', async ({
  db,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'tgsync-accounts-'));
  const config = parseConfig(
    '{ "tg": { "api_id": 1, "api_hash": "00112233445566778899aabbccddeeff", "lease_ttl": 2 } }',
  );
  const env = readEnvironment({ TGSYNC_DATA: folder, TGSYNC_APPDATA: folder });
  const startAs = async (accountId: string) => {
    const keys = { 2: randomBytes(256).toString('hex') };
    new Sessions(config, env).write(1, { version: 1, accountId, homeDc: 2, keys, addresses: [] });
    const account = new Account({ config, env, db, log: createLogger('test', 'silent') });
    try {
      await account.start();
    } finally {
      await account.release();
    }
  };
  await startAs('777000123');
  await expect(startAs('9007199254740993')).rejects.toMatchObject({
    name: 'PersonError',
    message: expect.stringMatching(/777000123.*9007199254740993/s) as string,
  });
  await startAs('777000123');
  rmSync(folder, { recursive: true });
});

const foreign: [string, string[]][] = [
  ['of a cloud', ['CREATE TABLE oc_users (uid text)']],
  ['of a geographic extension', ['CREATE TABLE spatial_ref_sys (srid int)']],
  ['behind a view', ['CREATE VIEW people AS SELECT 1 AS id']],
  [
    'with another app’s record of migrations, one of them interrupted',
    [
      'CREATE TABLE _prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz)',
      `INSERT INTO _prisma_migrations VALUES ('20240101000000_theirs', NULL, NULL)`,
    ],
  ],
];

test.for(foreign)('a database %s is refused and left untouched', async ([, made], { emptyUrl, query }) => {
  for (const sql of made) await query(sql);
  const content = async () => [
    await query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`),
    await query(`SELECT nspname FROM pg_namespace ORDER BY 1`),
    made.length > 1 ? await query('SELECT * FROM _prisma_migrations') : [],
  ];
  const before = await content();
  const opening = openDb(emptyUrl, { migrate: true, queues: true });
  await expect(opening).rejects.toThrow(/another program's tables.*Nothing was changed.*a separate database/);
  expect(await content()).toEqual(before);
});

test('no connection keeps a lock, as it may be a pool’s', async ({ emptyUrl, query }) => {
  // A query may catch a transaction as it ends: its lock is still listed, its start no longer.
  const outsideTransactions = `SELECT pid FROM pg_locks l JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND objid = 72707369 AND granted AND datname = current_database() AND xact_start IS NULL`;
  const over = new AbortController();
  const migrating = migrate(emptyUrl).finally(() => over.abort());
  let looksInARow = 0;
  let most = 0;
  while (!over.signal.aborted) {
    looksInARow = (await query(outsideTransactions)).length > 0 ? looksInARow + 1 : 0;
    most = Math.max(most, looksInARow);
  }
  await migrating;
  expect(most).toBeLessThan(2); // our one transaction ends once
  const here = `database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  expect(await query(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369 AND ${here}`)).toEqual(
    [],
  );
});
