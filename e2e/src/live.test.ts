/** An archive is current within seconds: what is new, edited or deleted is known without asking again, and nothing is lost by an outage. */
import type { BareDb } from '@tgsync/shared/db/bare';
import { patience, test } from '@tgsync/testing';
import { type Emulator, Random, randomEvent, type World } from '@tgsync/telegram-emulator';
import { describe, expect, vi } from 'vitest';
import { calls, isTrue, rarely, texts, untilLive } from './live-fleet.js';

const versions = async (db: BareDb, chatId: bigint) =>
  (await db.messageVersion.findMany({ where: { chatId }, orderBy: [{ id: 'asc' }, { version: 'asc' }] })).map(
    (it) => it.message,
  );

describe.for(['addChannel', 'addUser', 'addGroup'] as const)('%s', (kind) => {
  // Basic groups are in the same box as private chats.
  const known = kind === 'addGroup' ? { tags: 'thorough' } : {};
  test(
    'new, edited and deleted messages are known at once, and their files owed',
    known,
    async ({ world, archive, fleet, db }) => {
      const chat = world[kind]({ title: 'News' });
      chat.addMessage({ text: 'old' });
      archive.configure({ [`${chat.id}`]: {} }, rarely);
      for (const app of ['fetch-worker', 'media-worker', 'scheduler'] as const) fleet.start(app);
      const is = (expected: string[]) =>
        vi.waitFor(async () => expect(await texts(db, chat.id)).toEqual(expected), patience);
      await is(['old']);
      await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);

      const document = world.addDocument({ dc: 2, size: 1000, name: 'a.txt' });
      const message = chat.addMessage({ text: 'new', document });
      await is(['old', 'new']);
      await vi.waitUntil(async () => (await db.document.findFirst())?.state === 'saved', patience);
      chat.editMessage(message.id, { text: 'newer', document });
      await is(['old', 'newer']);
      expect(await versions(db, chat.id)).toEqual(['new']);
      chat.deleteMessage(message.id);
      const deleted = () => db.message.findFirst({ where: { deletedAt: { not: null } } });
      await vi.waitUntil(deleted, patience);
      expect(await deleted()).toMatchObject({ message: 'newer', deletedReason: 'deleted', id: BigInt(message.id) });
      expect(await texts(db, chat.id)).toEqual(['old', 'newer']);
      // New messages need no history.
      expect(await db.coverage.findMany({ where: { chatId: chat.id } })).toHaveLength(1);
    },
  );

  const often = kind === 'addUser' ? {} : { tags: 'thorough' };
  test('what happened while nobody listened is known afterwards', often, async ({ world, archive, fleet, db }) => {
    const chat = world[kind]({ title: 'News' });
    const [first, second] = ['one', 'two'].map((text) => chat.addMessage({ text }));
    archive.configure({ [`${chat.id}`]: {} }, rarely);
    fleet.start('scheduler');
    const listening = fleet.start('fetch-worker');
    await vi.waitUntil(async () => (await db.message.count()) === 2, patience);
    await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
    await fleet.kill(listening, kind === 'addUser' ? 'SIGTERM' : 'SIGKILL'); // whoever was killed is missed for a while

    chat.editMessage(first!.id, { text: 'edited' });
    chat.deleteMessage(second!.id);
    for (let index = 0; index < 30; index++) chat.addMessage({ text: `${index}` });
    const gone = chat.addMessage({ text: 'gone' });
    chat.deleteMessage(gone.id);
    fleet.start('fetch-worker');
    await vi.waitUntil(async () => (await db.message.count()) >= 32, patience);
    expect(await texts(db, chat.id)).toEqual(['edited', 'two', ...Array.from({ length: 30 }, (_, it) => `${it}`)]);
    expect(await versions(db, chat.id)).toEqual(['one']);
    await vi.waitUntil(async () => (await db.message.count({ where: { deletedAt: { not: null } } })) === 1, patience);
    expect(await db.tombstone.findMany()).toMatchObject([{ id: BigInt(gone.id) }]);
  });
});

const differencesAsked = (telegram: Emulator) =>
  calls(telegram, 'updates.getDifference') + calls(telegram, 'updates.getChannelDifference');

describe('a gap', () => {
  const setUp = async (world: World, parts: Parameters<typeof untilLive>[0]) => {
    const chat = world.addChannel({ title: 'News' });
    chat.addMessage({ text: 'old' });
    await untilLive(parts, [chat]);
    return chat;
  };

  test('that fills by itself needs no difference', async ({ world, telegram, archive, fleet, db }) => {
    const chat = await setUp(world, { archive, fleet, db });
    const before = differencesAsked(telegram);
    const late = telegram.pushes.fault({ kind: 'swap', times: 1 });
    chat.addMessage({ text: 'second' });
    chat.addMessage({ text: 'first' });
    await late.hit;
    await vi.waitFor(async () => expect(await texts(db, chat.id)).toEqual(['old', 'second', 'first']), patience);
    expect(differencesAsked(telegram)).toBe(before);
  });

  test('that does not fill takes exactly one difference', async ({ world, telegram, archive, fleet, db }) => {
    const chat = await setUp(world, { archive, fleet, db });
    const before = differencesAsked(telegram);
    telegram.pushes.fault({ kind: 'drop', times: 1 });
    chat.addMessage({ text: 'lost' });
    chat.addMessage({ text: 'heard' });
    await vi.waitFor(async () => expect(await texts(db, chat.id)).toEqual(['old', 'lost', 'heard']), patience);
    expect(differencesAsked(telegram)).toBe(before + 1);
    chat.addMessage({ text: 'more' });
    await vi.waitFor(async () => expect(await texts(db, chat.id)).toContain('more'), patience);
    expect(differencesAsked(telegram)).toBe(before + 1);
  });
});

describe('what the server begins anew or nobody can read', () => {
  test.for(['newSession', 'unknown'] as const)(
    '%s: one difference tells what was lost',
    async (how, { world, telegram, archive, fleet, db }) => {
      const user = world.addUser({ title: 'Ann' });
      user.addMessage({ text: 'old' });
      await untilLive({ archive, fleet, db }, [user]);
      const before = calls(telegram, 'updates.getDifference');
      telegram.pushes.fault({ kind: 'drop', times: 1 });
      user.addMessage({ text: 'lost' });
      telegram.pushes[how]();
      await vi.waitFor(async () => expect(await texts(db, user.id)).toEqual(['old', 'lost']), patience);
      expect(calls(telegram, 'updates.getDifference')).toBe(before + 1);
    },
  );
});

test('whatever is lost, late, doubled and overtaken: the archive says what happened', async ({
  world,
  telegram,
  archive,
  fleet,
  db,
}) => {
  const chats = [
    world.addChannel({ title: 'News' }),
    world.addSupergroup({ title: 'Forum' }),
    world.addUser({ title: 'Ann' }),
    world.addGroup({ title: 'Club' }),
  ];
  for (const chat of chats)
    for (let index = 0; index < 10; index++) chat.addMessage({ text: `${chat.title} ${index}` });
  await untilLive({ archive, fleet, db }, chats);
  const faults = (['drop', 'twice', 'swap'] as const).map((kind) =>
    telegram.pushes.fault({ kind, chance: 0.1, seed: kind }),
  );
  const random = new Random('live');
  const kinds = ['new', 'edit', 'hidden-edit', 'delete', 'react', 'pin', 'views'] as const;
  for (let index = 0; index < 400; index++) {
    randomEvent(world, random, kinds);
    if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const it of faults) it.remove();
  // Whatever was lost last shows when something follows.
  for (const chat of chats) chat.addMessage({ text: 'the end' });
  await isTrue(world, db);
});
