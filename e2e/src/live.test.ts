/** An archive is current within seconds: what is new, edited or deleted is known without asking again, and nothing is lost by an outage. */
import type { BareDb } from '@tgsync/shared/db/bare';
import { patience, test } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';

/** So rare that a survey cannot be why something is known. */
const rarely = { tg: { sync_interval: 3600 } };

const texts = async (db: BareDb, chatId: bigint) =>
  (await db.message.findMany({ where: { chatId }, orderBy: { id: 'asc' } })).map((it) => it.message);
const versions = async (db: BareDb, chatId: bigint) =>
  (await db.messageVersion.findMany({ where: { chatId }, orderBy: [{ id: 'asc' }, { version: 'asc' }] })).map(
    (it) => it.message,
  );

describe.for(['addChannel', 'addUser', 'addGroup'] as const)('%s', (kind) => {
  test('new, edited and deleted messages are known at once, and their files owed', async ({
    world,
    archive,
    fleet,
    db,
  }) => {
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
  });

  test('what happened while nobody listened is known afterwards', async ({ world, archive, fleet, db }) => {
    const chat = world[kind]({ title: 'News' });
    const [first, second] = ['one', 'two'].map((text) => chat.addMessage({ text }));
    archive.configure({ [`${chat.id}`]: {} }, rarely);
    fleet.start('scheduler');
    const listening = fleet.start('fetch-worker');
    await vi.waitUntil(async () => (await db.message.count()) === 2, patience);
    await vi.waitUntil(async () => (await db.account.findFirst())?.live, patience);
    await fleet.kill(listening);

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
