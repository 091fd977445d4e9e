/** Only the scheduler and `npm start` upgrade a database: others wait, and an older version leaves a newer database alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { closeDb, followSchema, openDb, schemaState } from '@tgsync/shared/db';
import { bare, inTransaction, sql } from '@tgsync/shared/db/bare';
import { expect, test as plain, vi } from 'vitest';
import pg from 'pg';
import { patience, test } from '@tgsync/testing';

plain.each([
  [[], 'older'],
  [['1'], 'older'],
  [['1', '2'], 'current'],
  [['2', '1'], 'current'],
  [['1', '2', '3'], 'newer'],
  [['1', '3'], 'newer'],
  [['2'], 'foreign'],
  [['init', 'add_users'], 'foreign'],
] as const)('with %j applied a database is %s', (applied, state) => {
  expect(schemaState(applied, ['1', '2'])).toBe(state);
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

const lastOne = `(SELECT max(migration_name) FROM _prisma_migrations)`;

test('an app that may not upgrade says so and waits for the scheduler; a command says what to do', async ({
  databaseUrl,
}) => {
  const record = (
    await query(databaseUrl, `DELETE FROM _prisma_migrations WHERE migration_name = ${lastOne} RETURNING *`)
  )[0] as {
    migration_name: string;
    checksum: string;
  };
  await expect(openDb(databaseUrl, { patienceMs: 0 })).rejects.toMatchObject({
    name: 'PersonError',
    message: expect.stringContaining('Start tgsync once') as string,
  });
  const reasons: string[] = [];
  const opening = openDb(databaseUrl, { waiting: (it) => reasons.push(it) });
  await vi.waitUntil(() => reasons.length > 0, patience);
  expect(reasons[0]).toContain('the scheduler upgrades it');
  await query(
    databaseUrl,
    `INSERT INTO _prisma_migrations (id, migration_name, checksum, finished_at, applied_steps_count)
     VALUES ('again', '${record.migration_name}', '${record.checksum}', now(), 1)`,
  );
  await closeDb(await opening);
});

const upgrade = `INSERT INTO _prisma_migrations (id, migration_name, checksum, finished_at, applied_steps_count)
  VALUES ('later', '29991231000000_later', 'x', now(), 1)`;

test('a database upgraded by a newer version is refused, even while an app is running', async ({ databaseUrl, db }) => {
  const told: string[] = [];
  const stop = followSchema(db, (it) => told.push(it));
  try {
    await query(databaseUrl, upgrade);
    await vi.waitUntil(() => told.length > 0, patience);
    expect(told[0]).toContain('newer version of tgsync');
    for (const migrate of [false, true])
      await expect(openDb(databaseUrl, { migrate })).rejects.toMatchObject({ name: 'PersonError', message: told[0] });
  } finally {
    stop();
  }
});

test('an app survives when the server ends its connections one by one: queries in progress fail, the next ones work', async ({
  databaseUrl,
}) => {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  const db = bare(await openDb(databaseUrl, { migrate: true })); // before: it would hardly ever get through
  let ends = 0;
  const done = new AbortController();
  const ending = (async () => {
    while (!done.signal.aborted) {
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      ends += rowCount ?? 0;
      await sleep(5);
    }
  })();
  try {
    await vi.waitUntil(
      async () => {
        const pair = [
          sql(db).$queryRaw`SELECT pg_sleep(0.01)`,
          inTransaction(db, (tx) => sql(tx).$queryRaw`SELECT pg_sleep(0.02)`),
        ];
        await Promise.allSettled(pair);
        return ends > 100;
      },
      { ...patience, interval: 1 },
    );
    done.abort();
    await ending;
    // Connections that broke last are noticed by the next query on them.
    await vi.waitFor(async () => expect(await db.message.count()).toBe(0), patience);
    await closeDb(db);
  } finally {
    done.abort();
    await ending;
    await admin.end();
  }
});
