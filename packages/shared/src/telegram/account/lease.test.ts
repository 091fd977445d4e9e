/** One account, one owner: at every moment it is known who may use the login, even if the former holder is not told. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@tgsync/shared/app';
import { parseConfig, readEnvironment } from '@tgsync/shared/config';
import { closeDb, openDb } from '@tgsync/shared/db';
import { bare, type BareDb } from '@tgsync/shared/db/bare';
import { Sessions } from '@tgsync/shared/session';
import { Account } from '@tgsync/shared/telegram';
import { expect, vi } from 'vitest';
import pg from 'pg';
import { patience, test as base } from '@tgsync/testing';

const ttlMs = 2000;
/** A standby waits this much longer than the TTL. */
const marginMs = 3000;
const config = parseConfig('{ "tg": { "api_id": 1, "api_hash": "00112233445566778899aabbccddeeff", "lease_ttl": 2 } }');

const test = base.extend<{ account: (db: BareDb, leaseTtl?: () => number) => Account }>({
  /** Logged in, but never connected: only the lease matters here. */
  account: async ({ db }, use) => {
    await db.sessionLease.count(); // the first query loads a compiler: on a busy machine a lease would expire meanwhile
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-lease-'));
    const env = readEnvironment({ TGSYNC_DATA: folder, TGSYNC_APPDATA: folder });
    const keys = { 2: randomBytes(256).toString('hex') };
    new Sessions(config, env).write(1, { version: 1, accountId: '777', homeDc: 2, keys, addresses: [] });
    const made: Account[] = [];
    await use((db, leaseTtl) => {
      const log = createLogger('test', 'silent');
      const it = new Account({ config, env, db, log, ...(leaseTtl && { leaseTtl }) });
      made.push(it);
      return it;
    });
    await Promise.all(made.map((it) => it.release().catch(() => {})));
    rmSync(folder, { recursive: true });
  },
});

const mayUse = (account: Account): boolean => {
  try {
    account.held();
    return true;
  } catch {
    return false;
  }
};

test('a standby waits until the first one releases the lease, and gets it at once', async ({ db, account }) => {
  const [first, second] = [account(db), account(db)];
  expect(mayUse(first)).toBe(false);
  await first.start();
  expect(mayUse(first)).toBe(true);
  let started = false;
  const starting = second.start().then(() => (started = true));
  const beats = async () => (await db.sessionLease.findFirstOrThrow()).beat;
  const before = await beats();
  // Ten renewals are longer than the TTL and the margin.
  await vi.waitUntil(async () => (await beats()) > before + 10n, patience);
  expect([started, mayUse(first), mayUse(second)]).toEqual([false, true, false]);

  // No time passes any more: waiting for silence would never end.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
  try {
    await first.release();
    expect(mayUse(first)).toBe(false);
    await starting;
    expect(mayUse(second)).toBe(true);
  } finally {
    clock.mockRestore();
  }
  expect((await db.sessionLease.findFirstOrThrow()).fence).toBe(2n);
});

test('of many that start at once, one gets it', async ({ db, account }) => {
  const all = Array.from({ length: 6 }, () => account(db));
  const starting = all.map((it) => it.start().catch(() => {}));
  await Promise.race(starting);
  await vi.waitUntil(async () => (await db.sessionLease.count()) === 1, patience);
  expect(all.filter(mayUse)).toHaveLength(1);
  expect((await db.sessionLease.findFirstOrThrow()).fence).toBe(1n);
});

test('a release before the lease was taken ends the standby', async ({ db, account }) => {
  const [first, second] = [account(db), account(db)];
  await first.start();
  const starting = second.start();
  await second.release();
  await expect(starting).rejects.toThrow();
  expect([mayUse(first), mayUse(second)]).toEqual([true, false]);
  expect((await db.sessionLease.findFirstOrThrow()).fence).toBe(1n);
});

test('a process that was suspended for longer than its lease notices before it sends', async ({ db, account }) => {
  const first = account(db);
  await first.start();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ttlMs + 50); // none of our timers runs meanwhile
  expect(mayUse(first)).toBe(false);
});

test('a longer or shorter lease applies from the next renewal on, for the holder and for a standby', async ({
  db,
  account,
}) => {
  let seconds = 2;
  const first = account(db, () => seconds);
  await first.start();
  const ttlIs = (expected: number) =>
    vi.waitUntil(async () => (await db.sessionLease.findFirstOrThrow()).ttl === expected, patience);
  const stand = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  seconds = 6;
  await ttlIs(6);
  stand(ttlMs + 1000);
  expect(mayUse(first)).toBe(true);
  seconds = 2;
  await ttlIs(2);
  stand(ttlMs + 50);
  expect(mayUse(first)).toBe(false);
});

test('a holder cut off from the database stops by its own clocks, before another one may start', async ({
  db,
  databaseUrl,
  account,
}) => {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  const role = `role_${randomBytes(6).toString('hex')}`;
  await admin.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'secret'`);
  const url = new URL(databaseUrl);
  [url.username, url.password] = [role, 'secret'];
  const cutDb = bare(await openDb(url.href));
  try {
    const [first, second] = [account(cutDb), account(db)];
    await first.start();
    let heldBy: number | undefined;
    const starting = second.start().then(() => (heldBy = performance.now()));

    await admin.query(`ALTER ROLE ${role} NOLOGIN`);
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
    const cut = performance.now();
    let lastUse = cut;
    const isOver = () => {
      const now = performance.now();
      if (!mayUse(first)) return true;
      lastUse = now;
      return false;
    };
    await vi.waitUntil(isOver, { ...patience, interval: 5 });
    expect(lastUse - cut).toBeLessThanOrEqual(ttlMs);
    await starting;
    expect(heldBy! - lastUse).toBeGreaterThanOrEqual(marginMs);
    expect([mayUse(first), mayUse(second)]).toEqual([false, true]);

    // The first one comes back and stands by.
    await admin.query(`ALTER ROLE ${role} LOGIN`);
    await second.release();
    await vi.waitUntil(() => mayUse(first), patience);
  } finally {
    await closeDb(cutDb);
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
  }
});

test('after a clock jump the holder stops at once and resumes with its next renewal; nobody else gets in', async ({
  db,
  account,
}) => {
  const [first, second] = [account(db), account(db)];
  await first.start();
  const starting = second.start().catch(() => {});
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + 3_600_000);
  try {
    expect(mayUse(first)).toBe(false); // an hour ahead: longer than any lease
    await vi.waitUntil(() => mayUse(first), patience);
    clock.mockImplementation(() => performance.timeOrigin + performance.now() - 3_600_000);
    // An hour back, the wall clock would consider it valid for another hour: the other clock decides.
    expect(mayUse(first)).toBe(true);
    await db.$executeRaw`UPDATE session_lease SET seen_at = now() - interval '1 day'`; // as if the database's clock had jumped
    const { beat } = await db.sessionLease.findFirstOrThrow();
    const later = async () => (await db.sessionLease.findFirstOrThrow()).beat > beat + 10n;
    await vi.waitUntil(later, patience);
    expect([mayUse(first), mayUse(second)]).toEqual([true, false]);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ttlMs + 50);
    clock.mockImplementation(() => performance.timeOrigin + performance.now() - 7_200_000);
    expect(mayUse(first)).toBe(false); // by the wall clock alone it would be valid for more than an hour
  } finally {
    clock.mockRestore();
  }
  await second.release();
  await starting;
});
