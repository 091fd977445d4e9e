/** What status counts is what a count of everything would say, whatever changed and whenever somebody looked. */
import { chatStatuses, countChats } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import fc from 'fast-check';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { addChat } from '@tgsync/testing/pages';

const chat = -1_000_000_000_001n;
const chats = [chat, chat - 1n, chat - 2n];
const place = {
  chat: fc.constantFrom(...chats),
  message: fc.bigInt({ min: 1n, max: 4n }),
  media: fc.bigInt({ min: 1n, max: 4n }),
};

type Step = (db: BareDb) => Promise<unknown>;

const steps: fc.Arbitrary<Step>[] = [
  fc.record(place).map(
    ({ chat, message }) =>
      (db) => db.$executeRaw`
    INSERT INTO message (chat_id, id, date, message, raw, raw_layer) VALUES (${chat}, ${message}, now(), '', '{}', 1) ON CONFLICT DO NOTHING`,
  ),
  fc.record(place).map(
    ({ chat, message, media }) =>
      (db) => db.$executeRaw`
    INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via)
    SELECT ${chat}, ${message}, 'photo', ${media}, 0, 'media' WHERE EXISTS (SELECT FROM message WHERE chat_id = ${chat} AND id = ${message})
    ON CONFLICT DO NOTHING`,
  ),
  fc.record(place).map(
    ({ media }) =>
      (db) => db.$executeRaw`
    INSERT INTO photo (id, dc_id, size, thumb_size) VALUES (${media}, 2, ${media * 10n}, 'y') ON CONFLICT DO NOTHING`,
  ),
  fc.record({ ...place, link: fc.constantFrom('pending', 'linked', 'absent', 'skipped') }).map(
    ({ chat, link, media }) =>
      (db) => db.$executeRaw`
    UPDATE message_media SET link = ${link}, rule = CASE WHEN ${link} = 'skipped' THEN 'x' END, link_name = message_id || '-' || media_id WHERE chat_id = ${chat} AND media_id <= ${media}`,
  ),
  fc.record({ ...place, state: fc.constantFrom('owed', 'saved', 'failed', 'gone') }).map(
    ({ media, state }) =>
      (db) => db.$executeRaw`
    UPDATE photo SET state = ${state}, saved = ${state} = 'saved' WHERE id = ${media}`,
  ),
  fc.record({ ...place, isGone: fc.boolean() }).map(
    ({ media, isGone }) =>
      (db) => db.$executeRaw`
    UPDATE photo SET deleted_at = CASE WHEN ${isGone} THEN now() END WHERE id = ${media} AND state = 'saved'`,
  ),
  fc.record(place).map(
    ({ chat, message }) =>
      (db) =>
        db.$executeRaw`DELETE FROM message WHERE chat_id = ${chat} AND id = ${message}`,
  ),
];

const changes = async (db: BareDb) => (await db.$queryRaw<unknown[]>`SELECT FROM chat_changed`).length;

test('after any changes the counts are those of a full count, and nothing is counted twice', async ({ db }) => {
  for (const id of chats) await addChat(db, { id, wanted: true, state: 'ok' });
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 12 }), async (work) => {
      for (const step of work) await step(db);
      const shown = await chatStatuses(db);
      expect(await changes(db)).toBe(0);
      await db.$executeRaw`INSERT INTO chat_changed (chat_id) SELECT id FROM chat`;
      expect(shown).toEqual(await chatStatuses(db));
      counted += shown.reduce((sum, it) => sum + it.messages + it.mediaSaved + it.mediaOwed, 0);
    }),
    { numRuns: 60 },
  );
  expect(counted).toBeGreaterThan(0);
});

test('a change that is not committed while somebody counts is counted afterwards', async ({ db }) => {
  await addChat(db, { id: chat, wanted: true, state: 'ok' });
  const messages = async () => (await chatStatuses(db))[0]!.messages;
  await db.$executeRaw`INSERT INTO message (chat_id, id, date, message, raw, raw_layer) VALUES (${chat}, 1, now(), '', '{}', 1)`;
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`INSERT INTO message (chat_id, id, date, message, raw, raw_layer) VALUES (${chat}, 2, now(), '', '{}', 1)`;
    expect(await messages()).toBe(1);
  });
  expect(await messages()).toBe(2);
});

test('what changes nothing that is counted leaves no note, and counting at once from several sides is the same', async ({
  db,
}) => {
  await addChat(db, { id: chat, wanted: true, state: 'ok' });
  await db.$executeRaw`INSERT INTO photo (id, dc_id, size, thumb_size) VALUES (1, 2, 10, 'y')`;
  await db.$executeRaw`INSERT INTO message (chat_id, id, date, message, raw, raw_layer) VALUES (${chat}, 1, now(), '', '{}', 1)`;
  await db.$executeRaw`INSERT INTO message_media (chat_id, message_id, kind, media_id, position, via) VALUES (${chat}, 1, 'photo', 1, 0, 'media')`;
  await Promise.all([countChats(db), countChats(db), countChats(db)]);
  expect(await changes(db)).toBe(0);
  expect((await chatStatuses(db))[0]).toMatchObject({ messages: 1, mediaOwed: 1 });
  await db.$executeRaw`UPDATE photo SET claim = 2, claimed_until = now(), attempts = 1`;
  await db.$executeRaw`UPDATE message_media SET stale = true`;
  await db.$executeRaw`UPDATE message SET linked = false`;
  expect(await changes(db)).toBe(0);
});
