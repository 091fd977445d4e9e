/** A transaction does all or nothing, wherever it is interrupted, and keeps no connection. */
import { closeDb, coverageOf, type Db, openDb, type Tx } from '@tgsync/shared/db';
import { type BareDb, inTransaction, sql } from '@tgsync/shared/db/bare';
import { expect, vi } from 'vitest';
import { patience, test as base } from '@tgsync/testing';

/** A database with a single connection: if one is not given back, the next statement hangs. */
const test = base.extend<{ narrow: Db }>({
  narrow: async ({ databaseUrl }, use) => {
    const db = await openDb(databaseUrl, { connections: 1 });
    await use(db);
    await closeDb(db);
  },
});

const write = async (tx: Tx | Db) => await sql(tx).$executeRaw`INSERT INTO coverage VALUES (5, 1, 2)`;

async function connectionOf(tx: Tx): Promise<number> {
  const [{ pid }] = await sql(tx).$queryRaw<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`;
  return pid;
}

async function untilGone(db: BareDb, pid: number): Promise<void> {
  const isGone = async () =>
    (await db.$queryRaw<unknown[]>`SELECT FROM pg_stat_activity WHERE pid = ${pid}::int`).length === 0;
  await vi.waitUntil(isGone, patience);
}

const written = async (db: Db) => (await coverageOf(db, [5n])).get(5n)!.length;

test('its changes are visible at its end, not before', async ({ narrow, db }) => {
  const answer = await inTransaction(narrow, async (tx) => {
    await write(tx);
    expect(await written(db)).toBe(0);
    return 'done';
  });
  expect([answer, await written(narrow)]).toEqual(['done', 1]);
});

test('an error in its work, or in a statement, rolls everything back and is rethrown', async ({ narrow }) => {
  const own = new Error('own');
  const failing = inTransaction(narrow, async (tx) => {
    await write(tx);
    throw own;
  });
  await expect(failing).rejects.toBe(own);
  const twice = inTransaction(narrow, async (tx) => {
    await write(tx);
    await write(tx);
  });
  await expect(twice).rejects.toMatchObject({ code: '23505' });
  expect(await written(narrow)).toBe(0);
});

test('a statement whose error was caught does not count as done', async ({ narrow }) => {
  const careless = inTransaction(narrow, async (tx) => {
    await write(tx);
    await sql(tx).$queryRaw`SELECT 1 / 0`.catch(() => {});
  });
  await expect(careless).rejects.toThrow('was rolled back');
  expect(await written(narrow)).toBe(0);
});

test('a broken connection rolls everything back, even while no statement is running', async ({ narrow, db }) => {
  const end = async (tx: Tx) => {
    const pid = await connectionOf(tx);
    await db.$queryRaw`SELECT pg_terminate_backend(${pid}::int)`;
    await untilGone(db, pid);
  };
  const cut = inTransaction(narrow, async (tx) => {
    await write(tx);
    await end(tx);
    await write(tx);
  });
  await expect(cut).rejects.toThrow(/terminat|not queryable/);
  const cutAtItsEnd = inTransaction(narrow, async (tx) => {
    await write(tx);
    await end(tx);
  });
  await expect(cutAtItsEnd).rejects.toThrow(/terminat|not queryable/);
  expect(await written(narrow)).toBe(0);
  expect(await inTransaction(narrow, write)).toBe(1);
});

test('one that takes too long is aborted, and its locks are released', async ({ narrow, db }) => {
  const limits = { waitMs: 30_000, workMs: 300 };
  const slow = inTransaction(
    narrow,
    async (tx) => {
      await write(tx);
      await untilGone(db, await connectionOf(tx));
      await write(tx);
    },
    limits,
  );
  await expect(slow).rejects.toThrow('longer than 0.3 s');
  const asleep = inTransaction(narrow, (tx) => sql(tx).$queryRaw`SELECT pg_sleep(60)`, limits);
  await expect(asleep).rejects.toThrow('longer than 0.3 s');
  expect(await written(narrow)).toBe(0);
  expect(await write(db)).toBe(1);
});

test('without a free connection it gives up in time, and takes none later', async ({ narrow }) => {
  await inTransaction(narrow, async () => {
    const second = inTransaction(narrow, write, { waitMs: 100, workMs: 60_000 });
    await expect(second).rejects.toThrow('no database connection became free within 0.1 s');
  });
  expect(await inTransaction(narrow, write)).toBe(1);
});

test('a statement after its end is refused', async ({ narrow }) => {
  let kept: Tx | undefined;
  await inTransaction(narrow, async (tx) => void (kept = tx));
  await expect(write(kept!)).rejects.toThrow('after its transaction had ended');
  expect(await written(narrow)).toBe(0);
});
