/** outages.test.ts: an outage makes work wait, is reported once, and counts as nobody's failure; a failure of one file counts as its own. */
import { chatStatuses, currentTroubles } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { type Fleet, test, patience } from '@tgsync/testing';
import type { World } from '@tgsync/telegram-emulator';
import { expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

const attempts = async (db: BareDb) => (await db.document.aggregate({ _max: { attempts: true } }))._max.attempts;
const logged = (fleet: Fleet, pattern: RegExp) => fleet.log.filter((it) => pattern.test(it.msg));

/** Waits for this many renewals, during which a worker that retried in vain would retry many times. */
async function renewals(db: BareDb, count: number): Promise<void> {
  const renewed = async () => (await db.mediaWorker.findMany()).map((it) => it.expiresAt.getTime()).join();
  for (let last = await renewed(); count > 0; count--) {
    await vi.waitUntil(async () => (await renewed()) !== last, patience);
    last = await renewed();
  }
}

function fill(world: World, files: number) {
  const chat = world.addChannel({ title: 'News' });
  for (let index = 0; index < files; index++)
    chat.addMessage({ document: world.addDocument({ dc: 4, size: 20_000, name: `${index}.bin` }) });
  return chat;
}

test('a data centre that only answers 503: reported once, no attempt is used, and work resumes by itself', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = fill(world, 20);
  archive.configure({ [chat.id.toString()]: {} });
  const away = telegram.faults.add({ method: 'upload.getFile', kind: 'error', code: -503, message: 'Timeout' });
  fleet.start('fetch-worker');
  fleet.start('media-worker');
  const scheduler = fleet.start('scheduler', '--once');
  const reported = /^data centre 4 is unreachable \(.*Timeout.*-503/;
  await vi.waitUntil(async () => (await currentTroubles(db)).some((it) => reported.test(it)), patience);
  away.remove();
  expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
  expect(await attempts(db)).toBe(0);
  const places = (pattern: RegExp) => logged(fleet, pattern).map((it) => it.place);
  expect(places(/^Telegram unreachable/)).toEqual(['data centre 4']);
  expect(places(/^Telegram reachable again/)).toEqual(['data centre 4']);
  expect(logged(fleet, /^job (failed|rescheduled)/)).toEqual([]);
  expect((await currentTroubles(db)).join()).not.toMatch(/is unreachable/);
  await fleet.stop();
  await expectWhole(world, archive, db);
});

test(
  'a file that gets 503 while others succeed: minutes between its attempts, which count',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = fill(world, 6);
    archive.configure({ [chat.id.toString()]: {} });
    const poor = world.addDocument({ dc: 4, size: 20_000, name: 'poor.bin' });
    chat.addMessage({ document: poor });
    telegram.faults.add({ method: 'upload.getFile', file: poor.id, kind: 'error', code: -503, message: 'Timeout' });
    for (const app of ['fetch-worker', 'media-worker', 'scheduler'] as const) fleet.start(app);
    await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === 6, patience);
    await vi.waitUntil(async () => (await attempts(db)) === 1, patience);
    expect((await currentTroubles(db)).join()).not.toMatch(/is unreachable/);
    expect(logged(fleet, /unreachable/)).toEqual([]);
    const later = logged(fleet, /^job rescheduled/).map((it) => it.delayMs);
    expect(later).toEqual([60_000]);
  },
);

test(
  'no connection to Telegram: chats keep their state, and no attempt is used',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = fill(world, 3);
    archive.configure({ [chat.id.toString()]: {} });
    const restore = telegram.cutOff(world.account.homeDc);
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    const scheduler = fleet.start('scheduler', '--once');
    await vi.waitUntil(
      async () => (await currentTroubles(db)).some((it) => it.startsWith('Telegram is unreachable')),
      patience,
    );
    await restore();
    expect(await fleet.exit(scheduler), fleet.troubles()).toBe(0);
    expect((await chatStatuses(db)).map((it) => it.state)).toEqual(['ok']);
    expect(logged(fleet, /^Telegram unreachable/)).toHaveLength(1);
    expect(logged(fleet, /^job (failed|rescheduled)/)).toEqual([]);
    await fleet.stop();
    await expectWhole(world, archive, db);
  },
);

test(
  'the login is ended while many files are owed: the fleet is quiet until the next login',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const chat = fill(world, 300);
    archive.configure({ [chat.id.toString()]: {} });
    const slow = telegram.faults.add({ method: 'upload.getFile', kind: 'delay', ms: 300 });
    fleet.start('fetch-worker');
    const worker = fleet.start('media-worker');
    fleet.start('scheduler');
    await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) > 3, patience);
    telegram.faults.add({ method: /./, kind: 'error', code: 401, message: 'SESSION_REVOKED' });
    for (const it of ['downloads paused', 'waiting for a login']) await fleet.until(({ msg }) => msg === it);
    await renewals(db, 2); // whatever was under way has ended
    const before = fleet.log.length;
    const claims = async () => (await db.document.aggregate({ _sum: { claim: true } }))._sum.claim!;
    const claimed = await claims();
    await renewals(db, 3);
    expect(Number((await claims()) - claimed)).toBeLessThan(8);
    expect(fleet.log.slice(before).map((it) => it.msg)).toEqual([]);
    expect(await attempts(db)).toBe(0);
    slow.remove();
    telegram.faults.clear();
    await archive.logIn();
    await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === 300, patience);
    await fleet.kill(worker, 'SIGTERM');
  },
);
