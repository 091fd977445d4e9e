/** What changes without an edit is kept as it is now: reactions, votes, previews, pins, topics; none of it makes a version. */
import type { BareDb } from '@tgsync/shared/db/bare';
import { react, hiddenEdit } from '@tgsync/telegram-emulator';
import { patience, test } from '@tgsync/testing';
import { describe, expect, vi } from 'vitest';
import { untilLive } from './live-fleet.js';

const row = async (db: BareDb, chatId: bigint, id: number) =>
  await db.message.findFirst({ where: { chatId, id: BigInt(id) } });
const raw = async (db: BareDb, chatId: bigint, id: number) =>
  (await row(db, chatId, id))?.raw as Record<string, unknown>;

/** Counts how often the row of a message is written. */
async function countWrites(db: BareDb): Promise<() => Promise<number>> {
  await db.$executeRawUnsafe('CREATE TABLE write_count (id bigint)');
  await db.$executeRawUnsafe(`CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public.write_count VALUES (NEW.id); RETURN NULL; END'`);
  await db.$executeRawUnsafe(
    'CREATE TRIGGER count_write AFTER UPDATE ON message FOR EACH ROW EXECUTE FUNCTION count_write()',
  );
  return async () => {
    const [{ count }] = await db.$queryRawUnsafe<[{ count: bigint }]>('SELECT count(*) FROM write_count');
    return Number(count);
  };
}

describe('reactions', () => {
  const likes = async (db: BareDb, chatId: bigint, id: number) => {
    const { reactions } = (await raw(db, chatId, id)) as { reactions?: { results: { count: number }[] } };
    return reactions?.results.reduce((sum, it) => sum + it.count, 0);
  };

  test('a hidden edit for a reaction: no version, and it does not show as edited', async ({
    world,
    archive,
    fleet,
    db,
  }) => {
    const chat = world.addChannel({ title: 'News' });
    const [quiet, edited] = ['quiet', 'old'].map((text) => chat.addMessage({ text }));
    await untilLive({ archive, fleet, db }, [chat]);
    chat.editMessage(edited!.id, { text: 'new' });
    await vi.waitUntil(async () => (await row(db, chat.id, edited!.id))?.editDate, patience);
    const { editDate } = (await row(db, chat.id, edited!.id))!;
    for (const it of [quiet!, edited!]) react(chat, it.id, world.account.userId, '👍', 'hidden-edit');
    hiddenEdit(chat, quiet!.id, { reply_markup: { _: 'replyKeyboardHide' } });
    await vi.waitUntil(async () => (await likes(db, chat.id, edited!.id)) === 1, patience);
    await vi.waitUntil(async () => (await raw(db, chat.id, quiet!.id))['replyMarkup'], patience);
    expect(await row(db, chat.id, quiet!.id)).toMatchObject({ editDate: null });
    expect(await row(db, chat.id, edited!.id)).toMatchObject({ editDate });
    expect(await db.messageVersion.count()).toBe(1);
  });

  test('a reaction burst of 1,000: no version, one write per message and second', async ({
    world,
    archive,
    fleet,
    db,
  }) => {
    const chat = world.addSupergroup({ title: 'Forum' });
    const [first, second] = ['one', 'two'].map((text) => chat.addMessage({ text }));
    const people = Array.from({ length: 500 }, (_, index) => world.addUser({ title: `Fan ${index}` }));
    await untilLive({ archive, fleet, db }, [chat]);
    const writes = await countWrites(db);
    const began = performance.now();
    for (const [index, who] of people.entries()) {
      for (const it of [first!, second!]) react(chat, it.id, who, '👍');
      if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const it of [first!, second!])
      await vi.waitUntil(async () => (await likes(db, chat.id, it.id)) === people.length, patience);
    const seconds = (performance.now() - began) / 1000;
    expect(await writes()).toBeLessThanOrEqual(2 * Math.ceil(seconds));
    expect(await db.messageVersion.count()).toBe(0);
  });
});
