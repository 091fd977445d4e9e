/** unreadable.test.ts: a chat that becomes unreadable, at any time, affects only that chat, and continues once it is readable again. */
import type { BareDb } from '@tgsync/shared/db/bare';
import type { Chat, Emulator, World } from '@tgsync/telegram-emulator';
import { type Archive, type Fleet, test } from '@tgsync/testing';
import { expect } from 'vitest';
import { expectWhole } from './whole.js';

const attemptsUsed = (fleet: Fleet) => fleet.log.filter((it) => it.msg.startsWith('job failed')).length;

/** A channel that becomes private, and one that stays as it is. */
function fill(world: World, archive: Archive): { closed: Chat; open: Chat } {
  const [closed, open] = [world.addChannel({ title: 'Closed' }), world.addChannel({ title: 'Open' })];
  open.addMessages(300);
  archive.configure({ [closed.id.toString()]: {}, [open.id.toString()]: {} }, { tg: { message_limit: 100 } });
  return { closed, open };
}

/** Closes the channel once a method has been called this often. */
function closeAfter(telegram: Emulator, chat: Chat, method: string, count: number): void {
  let left = count;
  const off = telegram.onCall((call) => {
    if (call.method !== method || --left > 0) return;
    off();
    chat.removed = true;
  });
}

async function expectUnreadable(db: BareDb, chat: Chat): Promise<void> {
  const row = await db.dialog.findFirstOrThrow({ where: { chatId: chat.id } });
  expect(row).toMatchObject({
    state: 'unreadable',
    stateReason: expect.stringMatching(/^CHANNEL_PRIVATE$|^you were removed from this chat, or it is private$/),
  });
  expect(row.retryAt!.getTime()).toBeGreaterThan(row.surveyedAt!.getTime());
}

/** Opens it again, and makes its next retry due. */
async function open(db: BareDb, chat: Chat): Promise<void> {
  chat.removed = false;
  await db.dialog.updateMany({ where: { chatId: chat.id }, data: { retryAt: new Date() } });
}

test(
  'a channel becomes unreadable while its history is read',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const { closed } = fill(world, archive);
    closed.addMessages(2000);
    closeAfter(telegram, closed, 'messages.getHistory', 5);
    expect(await fleet.runOnce()).toBe(1);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await expectUnreadable(db, closed);
    expect(await db.message.count({ where: { chatId: { not: closed.id } } })).toBe(300);
    const stored = await db.message.count({ where: { chatId: closed.id } });
    expect([stored > 0, stored < 2000]).toEqual([true, true]);

    await open(db, closed);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

test(
  'a channel becomes unreadable when one of its files needs a fresh reference',
  { tags: 'thorough' },
  async ({ world, telegram, archive, fleet, db }) => {
    const { closed, open: other } = fill(world, archive);
    const alone = world.addDocument({ dc: 4, size: 700_000, name: 'alone.bin' });
    const shared = world.addDocument({ dc: 4, size: 700_000, name: 'shared.bin' });
    for (const document of [alone, shared]) closed.addMessage({ text: 'file', document });
    other.addMessage({ text: 'file', document: shared });
    telegram.faults.add({ method: 'upload.getFile', kind: 'expire-references', times: 1 });
    closeAfter(telegram, closed, 'upload.getFile', 1);
    expect(await fleet.runOnce()).toBe(1);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await expectUnreadable(db, closed);
    expect(await db.document.findUnique({ where: { id: alone.id } })).toMatchObject({ state: 'owed' });
    expect(await db.document.findUnique({ where: { id: shared.id } })).toMatchObject({ state: 'saved' });

    await open(db, closed);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(attemptsUsed(fleet), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
  },
);

test('a page of dialogs that Postgres could not take is asked for again: its chats are not taken for unknown ones', async ({
  world,
  archive,
  fleet,
  db,
}) => {
  const chat = world.addChannel({ title: 'News' });
  chat.addMessage({ text: 'hello' });
  archive.configure({ [`${chat.id}`]: {} });
  await db.$executeRawUnsafe('CREATE SEQUENCE refused');
  await db.$executeRawUnsafe(`CREATE FUNCTION refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.title = 'News' AND nextval('refused') = 1 THEN RAISE EXCEPTION 'the disk is full'; END IF;
      RETURN NEW;
    END $$`);
  await db.$executeRawUnsafe('CREATE TRIGGER refuse BEFORE INSERT ON chat FOR EACH ROW EXECUTE FUNCTION refuse_once()');
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect(await db.$queryRawUnsafe('SELECT last_value > 1 AS again FROM refused')).toEqual([{ again: true }]);
  expect(await db.message.count()).toBe(1);
});
