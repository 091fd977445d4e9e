/** A database that cannot become an archive's is inspected before anything is written, and refused with the statement that fixes it. */
import { randomBytes } from 'node:crypto';
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare } from '@tgsync/shared/db/bare';
import { openQueues } from '@tgsync/shared/jobs';
import { expect } from 'vitest';
import pg from 'pg';
import { test as base } from '@tgsync/testing';

interface Fixtures {
  /** A name used nowhere else on the server. */
  dbName: string;
  /** Runs a statement as a superuser, in the database `dbName` unless another is given. */
  admin: (sql: string, elsewhere?: boolean) => Promise<void>;
  /** URL of the database `dbName` with its role, which is not a superuser. */
  url: string;
}

const test = base.extend<Fixtures>({
  dbName: async ({}, use) => use(`refusal_${randomBytes(6).toString('hex')}`),
  admin: async ({ databaseUrl, dbName }, use) => {
    await use(async (sql, elsewhere = false) => {
      const url = new URL(databaseUrl);
      if (!elsewhere) url.pathname = `/${dbName}`;
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      try {
        await client.query(sql);
      } finally {
        await client.end();
      }
    });
  },
  url: async ({ databaseUrl, dbName, admin }, use) => {
    await admin(`CREATE ROLE ${dbName} LOGIN PASSWORD 'secret'`, true);
    await admin(`CREATE DATABASE ${dbName} TEMPLATE template0`, true);
    const url = new URL(databaseUrl);
    [url.username, url.password, url.pathname] = [dbName, 'secret', `/${dbName}`];
    await use(url.href);
    await admin(`DROP DATABASE ${dbName} WITH (FORCE)`, true);
    await admin(`DROP ROLE ${dbName}`, true);
  },
});

async function refusal(url: string): Promise<string> {
  const error = await openDb(url, { migrate: true, queues: true }).then(closeDb, (it: unknown) => it as Error);
  expect(error).toMatchObject({ name: 'PersonError' });
  return (error as Error).message;
}

/** The statement in a refusal. */
const statementIn = (message: string) => /run in this database: (.*;)$/.exec(message)![1]!;

/** Expects the same refusal twice, with nothing created; then follows its advice until the database opens. */
async function fixAsAdvised(url: string, admin: Fixtures['admin']): Promise<string[]> {
  const said: string[] = [];
  for (;;) {
    const opened = await openDb(url, { migrate: true, queues: true }).then(bare, () => undefined);
    if (opened) {
      expect(await opened.message.count()).toBe(0);
      await closeDb(opened);
      await (await openQueues({ redisUrl: undefined, databaseUrl: url, archive: 'test' }, () => {})).close();
      return said;
    }
    const message = await refusal(url);
    expect(said).not.toContain(message);
    said.push(message);
    await admin(
      `DO $$ BEGIN IF EXISTS (SELECT FROM pg_class WHERE relname LIKE '%message%' AND relkind = 'r') THEN RAISE 'half-migrated'; END IF; END $$`,
    );
    await admin(statementIn(message));
  }
}

test('missing rights are reported one after the other, each with its GRANT', async ({ url, dbName, admin }) => {
  await admin('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  await admin(`REVOKE ALL ON DATABASE ${dbName} FROM PUBLIC; GRANT CONNECT ON DATABASE ${dbName} TO ${dbName}`);
  expect(await fixAsAdvised(url, admin)).toEqual([
    expect.stringContaining(`GRANT USAGE, CREATE ON SCHEMA public TO ${dbName};`),
    expect.stringContaining(`GRANT CREATE ON DATABASE ${dbName} TO ${dbName};`),
  ]);
});

test('a schema named like the user, or a search_path of its own, would hide the tables', async ({
  url,
  dbName,
  admin,
}) => {
  await admin(`ALTER DATABASE ${dbName} OWNER TO ${dbName}; CREATE SCHEMA ${dbName} AUTHORIZATION ${dbName}`);
  const [message, ...more] = await fixAsAdvised(url, admin);
  expect(message).toContain(`ALTER ROLE ${dbName} IN DATABASE ${dbName} SET search_path = public;`);
  expect(more).toEqual([]);
});

test('a missing schema "public" is one clear message, with the statement that creates it', async ({
  url,
  dbName,
  admin,
}) => {
  await admin(`ALTER DATABASE ${dbName} OWNER TO ${dbName}; DROP SCHEMA public`);
  expect(await fixAsAdvised(url, admin)).toEqual([
    expect.stringContaining(`CREATE SCHEMA public AUTHORIZATION ${dbName};`),
  ]);
});

test('an encoding that cannot hold every message is refused', async ({ url, dbName, admin }) => {
  await admin(`DROP DATABASE ${dbName} WITH (FORCE)`, true);
  await admin(
    `CREATE DATABASE ${dbName} OWNER ${dbName} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    true,
  );
  expect(await refusal(url)).toMatch(/LATIN1.*CREATE DATABASE tgsync .*ENCODING 'UTF8'/);
});

test('tables that belong to another role are one clear message, too', async ({ url, dbName, databaseUrl }) => {
  const owner = new URL(databaseUrl);
  owner.pathname = `/${dbName}`;
  await closeDb(await openDb(owner.href, { migrate: true }));
  expect(await refusal(url)).toMatch(/denied access: permission denied.*owner of the tables/);
});

test('a server without free connections is reported with the number needed', async ({ url, dbName, admin }) => {
  await admin(`ALTER ROLE ${dbName} CONNECTION LIMIT 0`, true);
  const reasons: string[] = [];
  const opening = openDb(url, { patienceMs: 1, migrate: true, waiting: (it) => reasons.push(it) });
  await expect(opening).rejects.toMatchObject({
    name: 'PersonError',
    message: expect.stringMatching(/no free connections.*max_connections .* at least 64/) as string,
  });
});

test('an archive whose role lost its rights is reported with the GRANT, not as another program’s', async ({
  url,
  dbName,
  admin,
}) => {
  await admin(`ALTER DATABASE ${dbName} OWNER TO ${dbName}`);
  await closeDb(await openDb(url, { migrate: true }));
  await admin('ALTER SCHEMA public OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA public FROM PUBLIC');
  expect(await refusal(url)).toContain(`GRANT USAGE, CREATE ON SCHEMA public TO ${dbName};`);
  // When the queues move into a database that is up to date, they need their schema, too.
  await admin(`GRANT USAGE ON SCHEMA public TO ${dbName}; ALTER DATABASE ${dbName} OWNER TO CURRENT_USER`);
  await admin(`REVOKE ALL ON DATABASE ${dbName} FROM PUBLIC; GRANT CONNECT ON DATABASE ${dbName} TO ${dbName}`);
  expect(await refusal(url)).toContain(`GRANT CREATE ON DATABASE ${dbName} TO ${dbName};`);
});
