/** flood-waits.test.ts: a wait is a date, shared by all workers; it costs no attempt, other methods and data centres continue, and a restart keeps it. */
import type { Emulator, World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, test, patience } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { asOwner } from './dashboard-login.js';
import { expectWhole } from './whole.js';

const attemptsUsed = (fleet: Fleet) => fleet.log.filter((it) => it.msg.startsWith('job failed')).length;
const partsAsked = (telegram: Emulator, dc: number) => telegram.counters().callsByDc['upload.getFile']?.[dc] ?? 0;

function fill(world: World, archive: Archive) {
  const chat = world.addChannel({ title: 'News' });
  for (const dc of [2, 4]) {
    for (let nth = 0; nth < 3; nth++)
      chat.addMessage({ text: 'file', document: world.addDocument({ dc, size: 1_500_000, name: `${dc} ${nth}.bin` }) });
  }
  archive.configure({ [chat.id.toString()]: {} }, { tg: { sync_interval: 1 } });
  return chat;
}

for (const message of ['FLOOD_WAIT_2900', 'FLOOD_PREMIUM_WAIT_33'])
  test(
    `${message} on the files of one data centre`,
    { tags: 'thorough' },
    async ({ world, telegram, archive, fleet, db }) => {
      const chat = fill(world, archive);
      const seconds = Number(message.split('_').at(-1));
      const wait = { method: 'upload.getFile', dc: 4, kind: 'error', code: 420, message, skip: 2, times: 1 } as const;
      const before = Date.now();
      const met = telegram.faults.add(wait);
      fleet.start('fetch-worker');
      const first = [fleet.start('media-worker'), fleet.start('media-worker')];
      const scheduler = fleet.start('scheduler');
      await met.hit;
      const until = async () => (await db.floodWait.findFirst())?.until.getTime() ?? 0;
      await vi.waitUntil(async () => (await until()) > 0, patience);
      expect(await until()).toBeGreaterThanOrEqual(before + seconds * 1000);
      expect(await until()).toBeLessThanOrEqual(Date.now() + seconds * 1000 + 1); // rounded
      await vi.waitUntil(async () => (await db.document.count({ where: { dcId: 2, saved: true } })) === 3, patience);
      chat.addMessages(20);
      await vi.waitUntil(async () => (await db.message.count()) === 26, patience);
      // A file whose parts were all in flight before the wait may be complete.
      const settled = async () =>
        fleet.log.filter((it) => it.msg === 'job rescheduled').length >=
        (await db.document.count({ where: { dcId: 4, saved: false } }));
      await vi.waitUntil(settled, patience);
      const asked = partsAsked(telegram, 4);

      // A restart forgets nothing, as the date is not kept in the queue.
      for (const it of first) await fleet.kill(it);
      const later = fleet.start('media-worker');
      chat.addMessage({ text: 'file', document: world.addDocument({ dc: 4, size: 1000, name: 'new.bin' }) });
      chat.addMessage({ text: 'file', document: world.addDocument({ dc: 2, size: 1000, name: 'new too.bin' }) });
      await vi.waitUntil(async () => (await db.document.count({ where: { dcId: 2, saved: true } })) === 4, patience);
      await vi.waitUntil(
        () => fleet.log.some((it) => it.worker === later.pid && it.msg === 'job rescheduled'),
        patience,
      );
      expect(partsAsked(telegram, 4)).toBe(asked);

      // The date has come; the existing parts are kept.
      await fleet.kill(scheduler, 'SIGTERM');
      await db.floodWait.updateMany({ data: { until: new Date() } });
      const dashboard = fleet.start('scheduler');
      const { address } = await fleet.until((it) => it.worker === dashboard.pid && it.msg === 'dashboard listening');
      await promote(address as string, archive);
      await vi.waitUntil(async () => (await db.document.count({ where: { saved: true } })) === 8, patience);
      expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
      await vi.waitUntil(async () => (await db.message.count({ where: { linked: false } })) === 0, patience);
      await fleet.stop();
      await expectWhole(world, archive, db);
      expect(partsAsked(telegram, 4)).toBeLessThanOrEqual(3 * 3 + 1 + 8 + 1); // every part once, the refused one again, those in flight
    },
  );

test(
  'waits in the middle of the list of dialogs: listing continues where it was, and known chats are read meanwhile',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const known = [world.addChannel({ title: 'First' }), world.addSupergroup({ title: 'Second' })];
    for (const it of known) it.addMessages(30);
    for (let nth = 0; nth < 1500; nth++) world.addChannel({ title: `Channel ${nth}` }).addMessage({ text: 'hello' });
    const unknownId = -1_009_999_999_999n;
    archive.configure(Object.fromEntries([...known.map((it) => it.id), unknownId].map((it) => [it.toString(), {}])));
    const wait = {
      method: 'messages.getDialogs',
      kind: 'error',
      code: 420,
      message: 'FLOOD_WAIT_2',
      every: 8,
    } as const;
    telegram.faults.add(wait);
    expect(await fleet.runOnce()).toBe(1);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    expect(await db.message.count()).toBe(60);
    const third = await db.dialog.findFirstOrThrow({ where: { chatId: unknownId } });
    expect(third).toMatchObject({
      state: 'unreadable',
      stateReason: expect.stringMatching(/this account has no chat/),
    });
    const pages = 16;
    expect(telegram.counters().calls['messages.getDialogs']).toBeLessThan(pages * 2);
  },
);

test('five waits in a row on one method', { tags: 'thorough' }, async ({ world, telegram, archive, fleet, db }) => {
  fill(world, archive);
  for (const method of ['upload.getFile', 'messages.getHistory'])
    telegram.faults.add({ method, kind: 'error', code: 420, message: 'FLOOD_WAIT_1', times: 5 });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
  await expectWhole(world, archive, db);
  expect(telegram.counters().errors['FLOOD_WAIT_1']).toBe(10);
});

/** Promotes the delayed jobs, as if their time had come. */
async function promote(dashboard: string, { env }: Archive): Promise<void> {
  const answer = await fetch(`${dashboard}/queues/api/queues/media/promote`, { method: 'PUT', headers: asOwner(env) });
  expect(answer.ok).toBe(true);
}

test("a flood wait for Telegram's wishes keeps nobody from connecting", async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'Cats' });
  chat.addMessage({ text: 'one' });
  archive.configure({ [chat.id.toString()]: {} });
  telegram.faults.add({ method: 'help.getAppConfig', kind: 'error', code: 420, message: 'FLOOD_WAIT_300' });
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(await db.message.count()).toBeGreaterThan(0);
});
