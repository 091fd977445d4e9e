/** How values go into statements and come out of them: exactly, and as they did with Prisma. */
import { closeDb, openDb } from '@tgsync/shared/db';
import { Prisma, sql } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';

const bytes = Buffer.from('00ff5c27e2', 'hex');
const moment = new Date('2026-11-29T23:45:06.789Z');
/** More than a number can hold exactly. */
const big = 2n ** 63n - 1n;

const both = [
  ['bigint', big],
  ['bigint', -(2n ** 53n) - 1n],
  ['bigint', null],
  ['int', 42],
  ['float8', 0.1],
  ['bool', false],
  ['text', `'; -- "$1" \\ ü 🦆\n`],
  ['text', ''],
  ['uuid', '8f14e45f-ceea-467f-a3a5-0d1f3c6b2a10'],
  ['timestamptz', moment],
  ['timestamptz', new Date('1899-12-31T23:59:59Z')],
  ['bytea', bytes],
  ['bytea', new Uint8Array(0)],
  ['bigint[]', [1n, big, -5n]],
  ['bigint[]', []],
  ['int[]', [1, 2]],
  ['text[]', ['a,b', '"', '{}', 'null', '']],
] as const;

const bare = (it: unknown): unknown => (it instanceof Uint8Array ? Buffer.from(it).toString('hex') : it);

test.for(both)('a %s survives a round trip: %o', async ([type, value], { db }) => {
  const [own] = await sql(db).$queryRaw<{ it: unknown }[]>`SELECT ${value}::${Prisma.raw(type)} AS it`;
  expect(bare(own!.it)).toEqual(bare(value));
  const [prismas] = await db.$queryRawUnsafe<{ it: unknown }[]>(`SELECT $1::${type} AS it`, value);
  expect(bare(own!.it)).toEqual(bare(prismas!.it));
});

test('json is parsed, counts are bigint, and numeric loses no digit', async ({ db }) => {
  const value = JSON.stringify({ a: [1, null, 'ü'] });
  const [row] = await sql(db).$queryRaw<object[]>`
    SELECT ${value}::jsonb AS json, NULL::jsonb AS none, 'null'::jsonb AS "jsonNull", count(*) AS count,
      12345678901234567890.5::numeric AS numeric, NULL::bigint[] AS "noArray", ARRAY[1, NULL]::bigint[] AS holes`;
  expect(row).toEqual({
    json: { a: [1, null, 'ü'] },
    none: null,
    jsonNull: null,
    count: 1n,
    numeric: '12345678901234567890.5',
    noArray: null,
    holes: [1n, null],
  });
});

test('a point in time is the same in any time zone of the server', async ({ db, databaseUrl }) => {
  await db.$executeRawUnsafe(
    `ALTER DATABASE "${new URL(databaseUrl).pathname.slice(1)}" SET timezone TO 'Asia/Kolkata'`,
  );
  const there = await openDb(databaseUrl);
  const rows = await sql(there).$queryRaw<object[]>`
    SELECT current_setting('timezone') AS zone, ${moment}::timestamptz AS moment, to_timestamp(1.5) AS early,
      (extract(epoch FROM ${moment}::timestamptz) * 1000)::bigint AS ms, '2026-11-29 23:45'::timestamp AS plain, '2026-11-29'::date AS day`;
  await closeDb(there);
  expect(rows).toEqual([
    {
      zone: 'Asia/Kolkata',
      moment,
      early: new Date(1500),
      ms: BigInt(moment.getTime()),
      plain: new Date('2026-11-29T23:45:00Z'),
      day: new Date('2026-11-29T00:00:00Z'),
    },
  ]);
});

test('nested parts of a statement keep their order, and the number of changed rows is returned', async ({ db }) => {
  const isOf = (from: bigint) =>
    Prisma.sql`chat_id = ${5n} ${from > 1n ? Prisma.sql`AND from_id > ${from}` : Prisma.empty}`;
  for (const from of [1n, 10n, 20n])
    await sql(db).$executeRaw`INSERT INTO coverage (chat_id, from_id, to_id) VALUES (${5n}, ${from}, ${from + 1n})`;
  const count = async (from: bigint) =>
    await sql(db).$queryRaw<
      object[]
    >`SELECT ${'a'} AS a, count(*)::int AS n, ${'b'} AS b FROM coverage WHERE ${isOf(from)}`;
  expect([...(await count(1n)), ...(await count(10n))]).toEqual([
    { a: 'a', n: 3, b: 'b' },
    { a: 'a', n: 1, b: 'b' },
  ]);
  expect(await sql(db).$executeRaw`DELETE FROM coverage WHERE ${isOf(1n)} AND to_id < ${15n}`).toBe(2);
});

test('a forgotten value is an error, not NULL', async ({ db }) => {
  await expect(sql(db).$queryRaw`SELECT ${undefined}::int AS it`).rejects.toThrow('undefined');
});

test('an error keeps Postgres’ message, and the stack of the caller', async ({ db }) => {
  const asking = async () => await sql(db).$queryRaw`SELECT 1 FROM nowhere`;
  const error = await asking().catch((it: unknown) => it as Error & { code: string });
  expect(error).toMatchObject({ code: '42P01', message: 'relation "nowhere" does not exist' });
  expect((error as Error).stack).toContain('asking');
});

test('a prepared statement is planned once, and another text is another statement', async ({ db }) => {
  const ask = async (one: number) => await sql(db).prepared.$queryRaw<{ two: number }[]>`SELECT ${one}::int * 2 AS two`;
  for (let one = 1; one <= 8; one++) expect(await ask(one)).toEqual([{ two: one * 2 }]);
  expect(await sql(db).prepared.$queryRaw`SELECT ${1}::int * 3 AS three`).toEqual([{ three: 3 }]);
  const plans = await sql(db).$queryRaw<{ kept: number }[]>`
    SELECT (generic_plans + custom_plans)::int AS kept FROM pg_prepared_statements ORDER BY kept`;
  expect(plans).toEqual([{ kept: 1 }, { kept: 8 }]);
});
