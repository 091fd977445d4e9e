/** A connection to Postgres that goes silent: statements fail within half a minute, and a long statement is not mistaken for one. */
import { closeDb, openDb } from '@tgsync/shared/db';
import { sql } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { Cable } from '@tgsync/testing/cable';
import { test } from '@tgsync/testing';

test(
  'a statement fails if nothing comes through, but a slow one is waited for',
  { tags: 'thorough', timeout: 90_000 },
  async ({ databaseUrl }) => {
    const url = new URL(databaseUrl);
    const cable = await Cable.to(Number(url.port));
    url.port = String(cable.port);
    const db = await openDb(url.href);
    try {
      const slow = sql(db).$queryRaw`SELECT pg_sleep(25)::text AS done, 1 AS one`;
      expect(await slow).toMatchObject([{ one: 1 }]);
      const asked = sql(db).$queryRaw`SELECT pg_sleep(2)::text AS done`;
      await sql(db).$queryRaw`SELECT 1`;
      cable.hold();
      await expect(asked).rejects.toThrow();
      cable.restore();
      expect(await sql(db).$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    } finally {
      cable.restore();
      await closeDb(db);
      await cable.close();
    }
  },
);
