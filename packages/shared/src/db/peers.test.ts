/** A peer that was just stored is not stored with every page again; whatever changes is. */
import { type Page, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test as base } from '@tgsync/testing';
import { addChat, message, page } from '@tgsync/testing/pages';

const chatId = -1_000_000_000_001n;

const test = base.extend<{ chat: undefined }>({
  chat: [
    async ({ db }, use) => {
      await addChat(db, { id: chatId, wanted: true });
      await use(undefined);
    },
    { auto: true },
  ],
});

const ann = {
  id: 11n,
  kind: 'user',
  name: 'Ann',
  username: 'ann',
  min: false,
  accessHash: 5n,
  raw: { _: 'User' },
} satisfies Page['peers'][number];

const store = (db: BareDb, peer: Partial<typeof ann>, more: Partial<Page> = {}) =>
  storePage(db, page(chatId, [message(1n)], { peers: [{ ...ann, ...peer }], ...more }));
const nameOf = async (db: BareDb) => (await db.peer.findFirst({ where: { id: 11n } }))?.name;

test('neither its JSON nor a statement is made for a peer that the page before had', async ({ db }) => {
  await store(db, {});
  await db.peer.deleteMany(); // a second write would be seen
  let made = 0;
  const raw = { get: () => ({ made: ++made }), enumerable: true };
  await storePage(db, page(chatId, [], { peers: [Object.defineProperty({ ...ann }, 'raw', raw)] }));
  expect([made, await nameOf(db)]).toEqual([0, undefined]);
});

test('a name that changes is stored, and so is one that changes back', async ({ db }) => {
  for (const name of ['Ann', 'Bea', 'Ann']) {
    await store(db, { name });
    expect(await nameOf(db)).toBe(name);
  }
});

test('each account has its own access', async ({ db }) => {
  for (const accountId of [1n, 2n]) await store(db, {}, { accountId });
  expect(await db.peerAccess.count({ where: { peerId: 11n } })).toBe(2);
});

test('a page that was rolled back stored nothing', async ({ db }) => {
  await db.$executeRaw`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'not now' USING ERRCODE = 'serialization_failure'; END $$`;
  await db.$executeRaw`CREATE TRIGGER fails BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION fails()`;
  await expect(store(db, {}, { messages: [message(1n)] })).rejects.toThrow('not now');
  expect(await nameOf(db)).toBeUndefined();
  await db.$executeRaw`DROP TRIGGER fails ON message`;
  await store(db, {});
  expect(await nameOf(db)).toBe('Ann');
});
