/** references.test.ts: file references that Telegram refuses are renewed a hundred at a time, and block nothing meanwhile. */
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Chat, Emulator, PhotoFile, World } from '@tgsync/telegram-emulator';
import { patience, test } from '@tgsync/testing';
import { expect, vi } from 'vitest';
import { expectWhole } from './whole.js';

function addPhotos(world: World, chat: Chat, count: number): PhotoFile[] {
  return Array.from({ length: count }, () => {
    const photo = world.addPhoto({ size: 2000 });
    chat.addMessage({ text: 'photo', photo });
    return photo;
  });
}

const stored = (db: BareDb, messages: number) => async () => (await db.message.count()) === messages;

/** Records how many messages each call asks for from now on. */
function watchAsked(telegram: Emulator): number[] {
  const asked: number[] = [];
  telegram.onCall(({ method, query }) => {
    if (method.endsWith('.getMessages')) asked.push((query.id as unknown[]).length);
  });
  return asked;
}

test(
  'a backlog whose references all expired is renewed a hundred at a time',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const [channel, friend] = [world.addChannel({ title: 'News' }), world.addUser({ title: 'Friend' })];
    addPhotos(world, channel, 350);
    addPhotos(world, friend, 120);
    archive.configure({ [channel.id.toString()]: {}, [friend.id.toString()]: {} });
    fleet.start('fetch-worker');
    fleet.start('scheduler');
    await vi.waitUntil(stored(db, 470), patience);
    world.expireFileReferences();
    const asked = watchAsked(telegram);
    fleet.start('media-worker');
    await vi.waitUntil(async () => (await db.message.count({ where: { linked: false } })) === 0, patience);
    await expectWhole(world, archive, db);
    expect(asked.length, `calls for ${asked.join(', ')}`).toBeLessThanOrEqual(
      Math.ceil(350 / 100) + Math.ceil(120 / 100),
    );
  },
);

test(
  'files that wait for a reference leave the slots to others, and are downloaded once it has come',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const [old, young] = [world.addChannel({ title: 'Old' }), world.addChannel({ title: 'Young' })];
    const expired = addPhotos(world, old, 30);
    addPhotos(world, young, 30);
    archive.configure({ [old.id.toString()]: {}, [young.id.toString()]: {} }, { tg: { concurrent_downloads: 1 } });
    const reader = fleet.start('fetch-worker');
    fleet.start('scheduler');
    await vi.waitUntil(stored(db, 60), patience);
    world.expireFileReferences(expired);
    await fleet.kill(reader, 'SIGTERM'); // nobody renews anything
    fleet.start('media-worker');
    const refused = async () => await db.mediaAccess.count({ where: { referenceRefusedAt: { not: null } } });
    await vi.waitUntil(async () => (await db.photo.count({ where: { saved: true } })) === 30, patience);
    await vi.waitUntil(async () => (await refused()) === 30, patience);
    expect(await db.photo.count({ where: { attempts: { gt: 0 } } })).toBe(0);
    fleet.start('fetch-worker');
    await vi.waitUntil(async () => (await db.message.count({ where: { linked: false } })) === 0, patience);
    await expectWhole(world, archive, db);
  },
);
