/** login-stories.ts: what the login must survive, in two sizes: `npm test` runs the short form, `npm run test:large` the long one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Emulator } from '@tgsync/telegram-emulator';
import { type Fixtures, patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

type StoryFixtures = Pick<Fixtures, 'world' | 'telegram' | 'archive' | 'fleet' | 'db'>;

export const stored = async (db: BareDb) => await db.message.count();
export const isHolding = (it: { msg: string }) => it.msg === 'holding the account';

/** Connections that sent anything but file calls to the home data centre, in the order of their first call. */
export function mainConnections(telegram: Emulator) {
  const seen: { connection: number; at: number }[] = [];
  telegram.onCall(({ method, mediaOnly, connection, dc }) => {
    if (mediaOnly || method.startsWith('upload.') || dc !== telegram.world.account.homeDc) return;
    seen.push({ connection, at: seen.length });
  });
  return {
    /** The connections so far, each once, ordered by its last call. */
    byLastCall: () =>
      [...new Map(seen.map((it) => [it.connection, it.at]))].sort((a, b) => a[1] - b[1]).map(([it]) => it),
    count: () => seen.length,
  };
}

/**
 * The holder of the account is paused (SIGSTOP) until another one has taken over and worked, and for at least `stillMs`.
 * `leaseTtl` is in seconds.
 */
export async function holderStandsStill(
  { world, telegram, archive, fleet, db }: StoryFixtures,
  { leaseTtl, stillMs }: { leaseTtl: number; stillMs: number },
): Promise<void> {
  const chat = world.addChannel({ title: 'News' });
  chat.addMessages(100);
  archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1, lease_ttl: leaseTtl } });
  const main = mainConnections(telegram);
  const first = fleet.start('fetch-worker');
  await fleet.until((it) => it.worker === first.pid && isHolding(it));
  const second = fleet.start('fetch-worker');
  fleet.start('scheduler');
  fleet.start('media-worker');
  await vi.waitUntil(async () => (await stored(db)) === 100, patience);
  first.kill('SIGSTOP');
  const still = sleep(stillMs);
  await fleet.until((it) => it.worker === second.pid && isHolding(it));
  chat.addMessages(50);
  await vi.waitUntil(async () => (await stored(db)) === 150, patience);
  await still;
  const before = main.byLastCall();
  first.kill('SIGCONT');
  await fleet.until((it) => it.worker === first.pid && it.msg.includes('lost the account'));
  chat.addMessages(50);
  await vi.waitUntil(async () => (await stored(db)) === 200, patience);
  expect(main.byLastCall()).toEqual(before);
  // It stands by, and gets the account back when it is its turn.
  await fleet.kill(second, 'SIGTERM');
  chat.addMessages(50);
  await vi.waitUntil(async () => (await stored(db)) === 250, patience);
  expect(telegram.counters().sessionRuleViolations).toBe(0);
  expect(telegram.counters().errors).not.toHaveProperty('AUTH_KEY_DUPLICATED');
}

/** A data centre forgets our key; then `mediaWorkers` start at once with the existing keys. */
export async function keyMadeAnewOnce(
  { world, telegram, archive, fleet, db }: StoryFixtures,
  { mediaWorkers }: { mediaWorkers: number },
): Promise<void> {
  const chat = world.addChannel({ title: 'News' });
  const add = (count: number) => {
    for (let nth = 0; nth < count; nth++)
      chat.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 300_000, name: 'f.bin' }) });
  };
  add(5);
  const settings = {
    tg: { concurrent_downloads: 1 },
    download: { max_connections: mediaWorkers },
    log: { level: 'debug' },
  };
  archive.configure({ [chat.id.toString()]: {} }, settings);
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  telegram.resetCounters();
  telegram.forgetKeys(4);
  add(5);
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(telegram.counters().calls['auth.exportAuthorization']).toBe(1);
  expect(telegram.counters().keyExchanges).toEqual({ 4: expect.any(Number) as number });

  telegram.resetCounters();
  add(mediaWorkers * 5);
  fleet.start('fetch-worker');
  const workers = Array.from({ length: mediaWorkers }, () => fleet.start('media-worker'));
  await vi.waitUntil(async () => (await db.mediaWorker.count()) === mediaWorkers, patience);
  const scheduler = fleet.start('scheduler', '--once');
  expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
  expect(telegram.counters().calls['auth.exportAuthorization'] ?? 0).toBe(0);
  expect(telegram.counters().keyExchanges).toEqual({});
  await fleet.stop();
  await expectWhole(world, archive, db);
  const { log } = fleet;
  const busy = workers.filter(({ pid }) => log.some((it) => it.worker === pid && it.msg === 'saved'));
  expect(busy.length).toBeGreaterThan(mediaWorkers / 2);
}
