/** Where deletions are mirrored, what Telegram deleted goes with its versions and links; many at once only after the person allowed it. */
import { randomUUID } from 'node:crypto';
import {
  allowDeletions,
  applyTold,
  claimMedia,
  type DeletedReason,
  holdRole,
  linksToRemove,
  lookForMissingAgain,
  mayGo,
  mediaToUnlink,
  type MessageRow,
  mirrorDeletions,
  releaseClaim,
  storePage,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { test as base } from '@tgsync/testing';
import { accountId, addChat, message, page, photo } from '@tgsync/testing/pages';
import { describe, expect, test as pure } from 'vitest';

const news = -1_000_000_000_001n;
const friend = 5n;
const kept = -1_000_000_000_002n;
const hour = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hour);

const test = base.extend<{ chats: undefined }>({
  chats: [
    async ({ db }, use) => {
      const mirrored = { wanted: true, state: 'ok', deletions: 'mirror' };
      await addChat(db, { id: news, title: 'News', ...mirrored });
      await addChat(db, { id: friend, kind: 'user', ...mirrored });
      await addChat(db, { id: kept, wanted: true, state: 'ok' });
      await use(undefined);
    },
    { auto: true },
  ],
});

const store = (db: BareDb, chatId: bigint, ids: number, of: (id: bigint) => Partial<MessageRow> = () => ({})) => {
  const messages = Array.from({ length: ids }, (_, index) => message(BigInt(index + 1), of(BigInt(index + 1))));
  return storePage(db, page(chatId, messages, { asOf: ago(200) }));
};
const mark = (
  db: BareDb,
  chatId: bigint,
  ids: bigint[],
  reason: DeletedReason = 'deleted',
  asOf = ago(100),
  at = ago(100),
) =>
  db.message.updateMany({ where: { chatId, id: { in: ids } }, data: { deletedAt: at, deletedReason: reason, asOf } });
const idsOf = async (db: BareDb, chatId = news) =>
  (await db.message.findMany({ where: { chatId }, orderBy: { id: 'asc' } })).map((it) => Number(it.id));
const upTo = (to: number, from = 1) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

pure.for<[string, Parameters<typeof mayGo>[0], boolean]>([
  ['a hundred of a large chat', { waiting: 100, removed: 0, stored: 500 }, true],
  ['one more', { waiting: 101, removed: 0, stored: 10_000 }, false],
  ['one more in the same day', { waiting: 1, removed: 100, stored: 10_000 }, false],
  ['a fifth of a chat', { waiting: 10, removed: 0, stored: 50 }, true],
  ['more than that', { waiting: 11, removed: 0, stored: 50 }, false],
  ['more than that in the same day', { waiting: 1, removed: 10, stored: 40 }, false],
  ['five of any chat', { waiting: 5, removed: 0, stored: 5 }, true],
  ['six of a small one', { waiting: 1, removed: 5, stored: 5 }, false],
])('%s', ([, wave, expected]) => {
  expect(mayGo(wave)).toBe(expected);
});

describe('what was deleted', () => {
  test('goes with its versions, and its links are to be removed', async ({ db }) => {
    await store(db, news, 10, (id) => ({ media: [photo(id < 3n ? 31n : 32n)] }));
    await db.messageMedia.updateMany({ where: { messageId: 1n }, data: { link: 'linked', linkName: '1_31.jpg' } });
    await db.messageVersion.create({ data: { chatId: news, id: 1n, version: 1, raw: {}, rawLayer: 1 } });
    await mark(db, news, [1n, 2n]);
    expect(await mirrorDeletions(db)).toEqual({ removed: 2, questions: [] });
    expect(await idsOf(db)).toEqual(upTo(10, 3));
    expect(await db.messageVersion.count()).toBe(0);
    expect(await db.messageMedia.count({ where: { messageId: { in: [1n, 2n] } } })).toBe(0);
    expect(await mediaToUnlink(db, 10)).toEqual([{ kind: 'photo', id: 31n }]);
    expect(await linksToRemove(db, { kind: 'photo', id: 31n })).toMatchObject([
      { chatId: news, folder: null, name: '1_31.jpg', withFile: false, isTaken: false },
    ]);
    // A page that was asked for before brings nothing back for long.
    await store(db, news, 2);
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 2 });
    expect(await idsOf(db)).toEqual(upTo(10, 3));
  });

  test('of a private chat goes as well; what is kept stays', async ({ db }) => {
    for (const chat of [friend, kept]) await store(db, chat, 5);
    for (const chat of [friend, kept]) await mark(db, chat, [2n]);
    expect(await mirrorDeletions(db)).toEqual({ removed: 1, questions: [] });
    expect(await idsOf(db, friend)).toEqual([1, 3, 4, 5]);
    expect(await idsOf(db, kept)).toEqual(upTo(5));
    expect(await db.tombstone.findMany()).toMatchObject([{ chatId: 0n, ownerId: accountId, id: 2n }]);
  });

  test('waits while a worker makes its link', async ({ db }) => {
    await store(db, news, 5, () => ({ media: [photo(31n)] }));
    await mark(db, news, [1n]);
    const media = (await claimMedia(db, { kind: 'photo', id: 31n }))!;
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 0 });
    await releaseClaim(db, media);
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 1 });
  });
});

describe('what is missing', () => {
  test('goes only after a second look a day later, which is asked for', async ({ db }) => {
    await store(db, news, 10);
    await mark(db, news, [1n], 'missing', ago(23), ago(23));
    await mark(db, news, [2n], 'missing', ago(30), ago(30));
    await mark(db, kept, [2n], 'missing', ago(30), ago(30));
    expect(await mirrorDeletions(db)).toEqual({ removed: 0, questions: [] });
    await lookForMissingAgain(db);
    expect(await db.recheck.findMany()).toMatchObject([{ chatId: news, fromId: 2n, toId: 2n, reason: 'missing' }]);
    await mark(db, news, [2n], 'missing', ago(1), ago(30));
    expect(await mirrorDeletions(db)).toEqual({ removed: 1, questions: [] });
    expect(await idsOf(db)).toEqual([1, ...upTo(10, 3)]);
    expect(await db.tombstone.count()).toBe(0); // it may turn up again
  });
});

test('what is told of a missing message by itself is no second look at it, and one that failed waits', async ({
  db,
}) => {
  await store(db, news, 10, (id) => ({ mediaType: 'MessageMediaPoll', raw: { media: { poll: { id: `${id}` } } } }));
  await mark(db, news, [1n, 2n], 'missing', ago(30), ago(30));
  await db.account.create({ data: { id: accountId, pts: 1, qts: 0, date: new Date(0), seq: 1 } });
  const fence = (await holdRole(db, { accountId, role: 'updates' }, randomUUID(), 60))!;
  const chat = { chatId: news, messages: [], newIds: [], deleted: [], counters: [] };
  await applyTold(db, {
    accountId,
    fence,
    channels: [],
    chats: [{ ...chat, pinned: [{ ids: [2n], isPinned: true }] }],
    deletedOfAccount: [],
    peers: [],
    polls: [{ pollId: 1n, isClosed: true, results: { _: 'PollResults' } }],
  });
  expect(await mirrorDeletions(db)).toEqual({ removed: 0, questions: [] });
  await lookForMissingAgain(db);
  const [recheck] = await db.recheck.findMany();
  expect(recheck).toMatchObject({ fromId: 1n, toId: 2n, retryAt: null });
  await db.recheck.updateMany({ data: { retryAt: ago(-1) } });
  await lookForMissingAgain(db);
  expect(await db.recheck.findMany()).toMatchObject([{ id: recheck!.id, retryAt: expect.any(Date) as Date }]);
});

test('what is hidden from the account by now is not looked for', async ({ db }) => {
  await store(db, news, 10);
  await mark(db, news, [1n, 2n], 'missing', ago(30), ago(30));
  await db.dialog.updateMany({ where: { chatId: news }, data: { availableMinId: 1n } });
  await lookForMissingAgain(db);
  expect(await db.recheck.findMany()).toMatchObject([{ fromId: 2n, toId: 2n }]);
});

describe('many at once', () => {
  test('stay until the person allows it; what comes afterwards is counted anew', async ({ db }) => {
    await store(db, news, 1000);
    await mark(db, news, upTo(150).map(BigInt));
    const question = { chatId: news, title: 'News', messages: 150 };
    expect(await mirrorDeletions(db)).toEqual({ removed: 0, questions: [question] });
    expect(await allowDeletions(db, { chatId: news, accountId })).toBe(150);
    await mark(db, news, upTo(320, 200).map(BigInt), 'deleted', new Date(), new Date(Date.now() + hour));
    expect(await mirrorDeletions(db)).toEqual({ removed: 150, questions: [{ ...question, messages: 121 }] });
    expect(await idsOf(db)).toEqual(upTo(1000, 151));
  });

  test('of a small chat are a fifth of it', async ({ db }) => {
    await store(db, news, 40);
    await mark(db, news, upTo(8).map(BigInt));
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 8, questions: [] });
    await mark(db, news, [9n]);
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 0, questions: [{ messages: 1 }] });
    await db.removal.updateMany({ data: { removedAt: ago(25) } });
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 1, questions: [] });
    expect(await db.removal.findMany()).toMatchObject([{ messages: 1 }]); // what is older is forgotten
  });

  test('count for a day from when they went, not from the first of them', async ({ db }) => {
    await store(db, news, 1000);
    await mark(db, news, upTo(2).map(BigInt));
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 2 });
    await db.removal.updateMany({ data: { removedAt: ago(23) } });
    await mark(db, news, upTo(97, 3).map(BigInt));
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 95 });
    await db.removal.updateMany({ where: { messages: 2 }, data: { removedAt: ago(25) } });
    await mark(db, news, upTo(103, 98).map(BigInt));
    expect(await mirrorDeletions(db)).toMatchObject({ removed: 0, questions: [{ messages: 6 }] });
  });
});
