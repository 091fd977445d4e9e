/** What Postgres refuses never decides over what came with it: the rest is stored, and that is read again later. */
import { randomUUID } from 'node:crypto';
import {
  applyTold,
  holdRole,
  messagesToAskAgain,
  messagesToRecheck,
  nextRecheck,
  settledOf,
  storeAskedAgain,
  storePage,
  storeRechecked,
  type ToldOfChat,
  type Unstorable,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { test as base } from '@tgsync/testing';
import { accountId, addChat, message, page, photo } from '@tgsync/testing/pages';
import { describe, expect } from 'vitest';

const news = -1_000_000_000_001n;
const other = -1_000_000_000_002n;

const test = base.extend<{ db: BareDb; fence: bigint; refused: Unstorable[] }>({
  db: async ({ db }, use) => {
    for (const id of [news, other]) await addChat(db, { id, wanted: true, state: 'ok', pts: 10, liveTop: 4n } as never);
    await db.account.create({ data: { id: accountId, pts: 100, qts: 0, date: new Date(0), seq: 1 } });
    await use(db);
  },
  fence: async ({ db }, use) => await use((await holdRole(db, { accountId, role: 'updates' }, randomUUID(), 60))!),
  refused: async ({}, use) => await use([]),
});

/** Postgres refuses this text from now on. */
const refuse = async (db: BareDb) =>
  await db.$executeRaw`ALTER TABLE message ADD CONSTRAINT refused CHECK (message <> 'refused')`;
const said = (id: bigint, text: string) => message(id, { message: text, raw: { _: 'Message', message: text } });
const ofChat = (chatId: bigint, more: Partial<ToldOfChat>): ToldOfChat => {
  return { chatId, messages: [], newIds: [], deleted: [], pinned: [], counters: [], ...more };
};
const texts = async (db: BareDb, chatId = news) =>
  (await db.message.findMany({ where: { chatId }, orderBy: { id: 'asc' } })).map((it) => `${it.id} ${it.message}`);
const ids = Array.from({ length: 9 }, (_, at) => BigInt(at + 5));
/** Nobody waits for a day. */
const dayLater = async (db: BareDb) => {
  await db.notVisible.updateMany({ data: { sampledAt: new Date(0) } });
  await db.recheck.updateMany({ data: { retryAt: null } });
};

const told = (fence: bigint, chats: ToldOfChat[]) => ({
  accountId,
  fence,
  channels: chats.map(({ chatId }) => ({ chatId, from: 10, to: 20 })),
  chats,
  deletedOfAccount: [],
  peers: [],
});

describe('an update that is refused', () => {
  test('is stepped over: everything else is applied, its number counts, and its message is owed in a day', async ({
    db,
    fence,
    refused,
  }) => {
    await refuse(db);
    const messages = ids.map((id) => said(id, id === 8n ? 'refused' : 'good'));
    const chats = [
      ofChat(news, { messages, newIds: ids }),
      ofChat(other, { messages: [said(5n, 'good')], newIds: [5n] }),
    ];
    await applyTold(db, told(fence, chats), (it) => refused.push(it));
    expect(await texts(db)).toEqual(ids.filter((it) => it !== 8n).map((it) => `${it} good`));
    expect(await texts(db, other)).toEqual(['5 good']);
    expect((await db.chat.findMany()).map((it) => it.pts)).toEqual([20, 20]);
    expect(refused).toEqual([{ what: 'message', chatId: news, id: 8n, reason: expect.stringContaining('refused') }]);
    expect((await settledOf(db, [news])).get(news)).toEqual([{ from: 5n, to: 13n }]);
    await dayLater(db);
    expect((await settledOf(db, [news])).get(news)).toEqual([
      { from: 5n, to: 7n },
      { from: 9n, to: 13n },
    ]);
  });

  test('an edit: what is stored stays, and is rechecked in a day', async ({ db, fence, refused }) => {
    await storePage(db, page(news, [said(3n, 'old'), said(4n, 'old')], { proven: { from: 1n, to: 4n } }));
    await refuse(db);
    const messages = [said(3n, 'refused'), said(4n, 'new')];
    await applyTold(db, told(fence, [ofChat(news, { messages })]), (it) => refused.push(it));
    expect(await texts(db)).toEqual(['3 old', '4 new']);
    expect(refused.map((it) => it.id)).toEqual([3n]);
    expect(await nextRecheck(db, accountId, undefined)).toBeUndefined();
    await dayLater(db);
    const again = (await nextRecheck(db, accountId, undefined))!;
    expect(await messagesToRecheck(db, again, 100)).toEqual([3n]);
  });

  test('what changes without an edit, and a deletion', async ({ db, fence, refused }) => {
    const messages = ids.map((id) => said(id, 'good'));
    await storePage(db, page(news, messages, { proven: { from: 1n, to: 13n } }));
    await db.$executeRaw`ALTER TABLE message ADD CONSTRAINT refused CHECK (id <> 8 OR views IS NULL AND deleted_at IS NULL)`;
    const counters = ids.slice(0, 6).map((id) => ({ id, views: 9 }));
    const pinned = [{ ids: [5n, 6n], isPinned: true }];
    const chat = ofChat(news, { counters, pinned, deleted: ids.slice(3) });
    await applyTold(db, told(fence, [chat]), (it) => refused.push(it));
    expect(refused.map((it) => [it.what, it.id])).toEqual([
      ['change', 8n],
      ['deletion', 8n],
    ]);
    const rows = await db.message.findMany({ orderBy: { id: 'asc' } });
    expect(rows.filter((it) => it.views === 9).map((it) => it.id)).toEqual([5n, 6n, 7n, 9n, 10n]);
    expect(rows.filter((it) => it.deletedAt).map((it) => it.id)).toEqual(ids.slice(4));
    expect(rows.filter((it) => (it.raw as { pinned?: boolean }).pinned).map((it) => it.id)).toEqual([5n, 6n]);
    expect(await db.recheck.findMany()).toMatchObject([{ fromId: 8n, toId: 8n, reason: 'hole' }]);
  });

  test('a value that is out of range is found in the same way', async ({ db, fence, refused }) => {
    const odd = message(6n, { views: 2 ** 40 });
    const chat = ofChat(news, { messages: [said(5n, 'good'), odd, said(7n, 'good')], newIds: [5n, 6n, 7n] });
    await applyTold(db, told(fence, [chat]), (it) => refused.push(it));
    expect(await texts(db)).toEqual(['5 good', '7 good']);
    expect(refused).toHaveLength(1);
  });

  test('a failure that is not about the data is still one: nothing is applied', async ({ db, fence, refused }) => {
    await db.$executeRaw`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE 'not now' USING ERRCODE = 'deadlock_detected'; END $$`;
    await db.$executeRaw`CREATE TRIGGER fails BEFORE INSERT ON message FOR EACH ROW WHEN (new.id = 8) EXECUTE FUNCTION fails()`;
    const chat = ofChat(news, { messages: ids.map((id) => said(id, 'good')), newIds: ids });
    await expect(applyTold(db, told(fence, [chat]), (it) => refused.push(it))).rejects.toThrow('not now');
    expect(await texts(db)).toEqual([]);
    expect(refused).toEqual([]);
  });
});

describe('an answer with a message that is refused', () => {
  test('a page of history: the rest is stored, and its media are owed', async ({ db, refused }) => {
    await refuse(db);
    const messages = [message(3n, { media: [photo(31n)] }), said(2n, 'refused'), said(1n, 'good')];
    const read = page(news, messages, { proven: { from: 1n, to: 3n } });
    expect(await storePage(db, read, (it) => refused.push(it))).toEqual([{ kind: 'photo', id: 31n }]);
    expect(await texts(db)).toEqual(['1 good', '3 message 3']);
    expect(refused.map((it) => it.id)).toEqual([2n]);
    await dayLater(db);
    await db.$executeRaw`ALTER TABLE message DROP CONSTRAINT refused`;
    await storePage(db, page(news, [said(2n, 'refused')], { proven: { from: 2n, to: 2n } }));
    expect((await settledOf(db, [news])).get(news)).toEqual([{ from: 1n, to: 3n }]);
    expect(await db.coverage.count()).toBe(1);
  });

  test('a recheck: it is read again in a day, and does not count as rechecked', async ({ db, refused }) => {
    await storePage(db, page(news, [said(1n, 'old'), said(2n, 'old')], { proven: { from: 1n, to: 2n } }));
    await db.recheck.create({ data: { chatId: news, fromId: 1n, toId: 2n, topId: 2n, reason: 'resync' } });
    const recheck = (await nextRecheck(db, accountId, undefined))!;
    await refuse(db);
    const answer = {
      accountId,
      peers: [],
      messages: [said(1n, 'refused'), said(2n, 'new')],
      asOf: new Date(Date.now() + 1000),
      part: { from: 1n, to: 2n },
      missing: [],
      isProven: true,
    };
    const { changed } = await storeRechecked(db, recheck, answer, (it) => refused.push(it));
    expect([changed, refused.length]).toEqual([1, 1]);
    expect(await texts(db)).toEqual(['1 old', '2 new']);
    expect(await db.rechecked.count()).toBe(0);
    const [later] = await db.recheck.findMany();
    expect(later).toMatchObject({ fromId: 1n, toId: 1n });
    expect(later!.retryAt!.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  });

  test('messages that were incomplete: it is asked for again in a day', async ({ db, refused }) => {
    const due = new Date(Date.now() - 1000);
    const incomplete = [1n, 2n].map((id) => message(id, { mapped: false, askAgainAt: due }));
    await storePage(db, page(news, incomplete));
    await refuse(db);
    const messages = [said(1n, 'refused'), said(2n, 'whole')];
    const answer = { accountId, chatId: news, peers: [], messages, asked: [1n, 2n], asOf: new Date() };
    await storeAskedAgain(db, answer, (it) => refused.push(it));
    expect(await texts(db)).toEqual(['1 message 1', '2 whole']);
    expect(refused.map((it) => it.id)).toEqual([1n]);
    expect(await messagesToAskAgain(db, news, 100)).toEqual([]);
    const [first, second] = await db.message.findMany({ orderBy: { id: 'asc' } });
    expect(first!.askAgainAt!.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    expect(second!.askAgainAt).toBeNull();
  });
});
