/** What is read again: what changed is stored, what did not is not written; what is not found is missing, unless something newer is known. */
import {
  applyTold,
  askRecheck,
  askResync,
  beginRounds,
  finishRecheck,
  holdRole,
  markDeleted,
  messagesToRecheck,
  type MessageRow,
  nextRecheck,
  planRound,
  postponeRecheck,
  type Recheck,
  type RecheckAnswer,
  type RecheckReason,
  storePage,
  storeRechecked,
  takeRecheckTurn,
  witnessesOf,
} from '@tgsync/shared/db';
import { type BareDb, inTransaction } from '@tgsync/shared/db/bare';
import { patience, test as base } from '@tgsync/testing';
import { accountId, addChat, message, page, photo } from '@tgsync/testing/pages';
import { randomUUID } from 'node:crypto';
import { describe, expect, vi } from 'vitest';

const news = -1_000_000_000_001n;
const friend = 5n;
const whose = { chatId: news, ownerId: 0n };

const hour = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms);

const said = (id: bigint, text: string, more: Partial<MessageRow> = {}): MessageRow => {
  const media = more.media?.map((it) => ({
    _: 'MessageMediaPhoto',
    photo: { id: `${it.id}`, fileReference: `${Math.random()}` },
  }));
  return message(id, {
    message: text,
    raw: { _: 'Message', message: text, ...(media && { media: media[0] }) },
    ...more,
  });
};

const test = base.extend<{ chats: undefined }>({
  chats: [
    async ({ db }, use) => {
      await db.account.create({ data: { id: accountId, pts: 1, qts: 1, date: new Date(), seq: 1 } });
      await addChat(db, { id: news, wanted: true, state: 'ok' });
      await addChat(db, { id: friend, kind: 'user', wanted: true, state: 'ok' });
      await use(undefined);
    },
    { auto: true },
  ],
});

const store = (db: BareDb, chatId: bigint, messages: MessageRow[], asOf = ago(hour)) =>
  storePage(db, page(chatId, messages, { asOf }));
const stored = async (db: BareDb, id: bigint) => await db.message.findFirstOrThrow({ where: { chatId: news, id } });
const ask = (db: BareDb, from: bigint, to: bigint, reason: RecheckReason = 'recent', of = whose) =>
  inTransaction(db, (tx) => askRecheck(tx, of, { from, to }, reason));
const next = async (db: BareDb): Promise<Recheck> => (await nextRecheck(db, accountId, undefined))!;
const answer = (of: Recheck, messages: MessageRow[], more: Partial<RecheckAnswer> = {}): RecheckAnswer => ({
  accountId,
  asOf: new Date(),
  peers: [],
  messages,
  missing: [],
  isProven: true,
  part: of.range,
  ...more,
});
const ranges = async (db: BareDb) =>
  (await db.rechecked.findMany({ orderBy: { fromId: 'asc' } })).map((it) => [it.fromId, it.toId, it.since]);

describe('an answer', () => {
  test('writes only messages that have changed', async ({ db }) => {
    await store(db, news, [said(1n, 'one', { media: [photo(31n)] }), said(2n, 'two')]);
    const versionsOf = () => db.$queryRaw`SELECT id, xmin::text FROM message ORDER BY id`;
    const before = await versionsOf();
    await ask(db, 1n, 2n);
    const recheck = await next(db);
    expect(
      await storeRechecked(db, recheck, answer(recheck, [said(2n, 'two'), said(1n, 'one', { media: [photo(31n)] })])),
    ).toEqual({
      changed: 0,
      missing: 0,
      waiting: [],
    });
    expect(await versionsOf()).toEqual(before);
    expect(await db.recheck.count()).toBe(0);
    expect(await ranges(db)).toEqual([[1n, 2n, recheck.askedAt]]);
  });

  test('without media that have expired is one change only: what was seen of them stays', async ({ db }) => {
    const photoOnce = (held: object) => ({ _: 'Message', media: { _: 'MessageMediaPhoto', ttlSeconds: 5, ...held } });
    await store(db, news, [said(1n, '', { raw: photoOnce({ photo: { id: '31' } }) })]);
    await ask(db, 1n, 1n);
    const recheck = await next(db);
    const expired = () => answer(recheck, [said(1n, '', { raw: photoOnce({}) })]);
    expect(await storeRechecked(db, recheck, expired())).toMatchObject({ changed: 1 });
    expect(await stored(db, 1n)).toMatchObject({
      raw: photoOnce({ photo: { id: '31' } }),
      expiredAt: expect.any(Date) as Date,
    });
    expect(await storeRechecked(db, recheck, expired())).toMatchObject({ changed: 0 });
  });

  test('stores an edit as a version, and its media are owed', async ({ db }) => {
    await store(db, news, [said(1n, 'one'), said(2n, 'two')]);
    await ask(db, 1n, 2n);
    const recheck = await next(db);
    const result = await storeRechecked(
      db,
      recheck,
      answer(recheck, [said(2n, 'edited', { media: [photo(32n)] }), said(1n, 'one')]),
    );
    expect(result).toMatchObject({ changed: 1, waiting: [{ kind: 'photo', id: 32n }] });
    expect(await stored(db, 2n)).toMatchObject({ message: 'edited' });
    expect(await db.messageVersion.findMany()).toMatchObject([{ id: 2n, message: 'two' }]);
  });

  test('that is ahead of the applied updates is not undone by them', async ({ db }) => {
    await db.chat.update({ where: { id: news }, data: { pts: 10 } });
    await store(db, news, [said(1n, 'one'), said(2n, 'two')]);
    await ask(db, 1n, 2n);
    const recheck = await next(db);
    await storeRechecked(db, recheck, answer(recheck, [said(1n, 'edited'), said(2n, 'two')], { pts: 12 }));
    expect(await stored(db, 1n)).toMatchObject({ message: 'edited', aheadPts: 12 });
  });

  test('changes nothing of what was told after it was asked for', async ({ db }) => {
    await store(db, news, [said(1n, 'old'), said(2n, 'old')]);
    await ask(db, 1n, 2n);
    const recheck = await next(db);
    const asOf = ago(1000);
    await store(db, news, [said(1n, 'new'), said(2n, 'new')], new Date());
    await storeRechecked(db, recheck, answer(recheck, [said(1n, 'old')], { asOf, missing: [2n] }));
    expect(await stored(db, 1n)).toMatchObject({ message: 'new' });
    expect(await stored(db, 2n)).toMatchObject({ message: 'new', deletedAt: null });
  });

  test('reads what only a pin, votes or a preview were told of meanwhile, and undoes none of these', async ({ db }) => {
    const raw = { _: 'Message', message: 'old' };
    await store(db, news, [said(1n, 'old', { raw })]);
    await ask(db, 1n, 1n);
    const recheck = await next(db);
    const fence = (await holdRole(db, { accountId, role: 'updates' }, randomUUID(), 60))!;
    const change = { chatId: news, messages: [], newIds: [], deleted: [], counters: [] };
    const pinned = [{ ids: [1n], isPinned: true }];
    const none = { channels: [], deletedOfAccount: [], peers: [] };
    await applyTold(db, { accountId, fence, ...none, chats: [{ ...change, pinned }] });
    expect(await messagesToRecheck(db, recheck, 10)).toEqual([1n]);
    const edited = said(1n, 'edited', { raw: { ...raw, message: 'edited' } });
    await storeRechecked(db, recheck, answer(recheck, [edited], { asOf: ago(1000) }));
    expect(await stored(db, 1n)).toMatchObject({ message: 'old', raw: { pinned: true } });
    await ask(db, 1n, 1n);
    await storeRechecked(db, await next(db), answer(recheck, [edited], { asOf: new Date(Date.now() + 1000) }));
    expect(await stored(db, 1n)).toMatchObject({ message: 'edited' });
  });

  test('that lacks a message marks it as missing, until a later one holds it', async ({ db }) => {
    await store(db, news, [said(1n, 'one'), said(2n, 'two'), said(3n, 'three')]);
    await inTransaction(db, (tx) => markDeleted(tx, whose, { ids: [3n], at: new Date() }));
    await ask(db, 1n, 3n);
    const asOf = ago(2000);
    let recheck = await next(db);
    expect(await messagesToRecheck(db, recheck, 10)).toEqual([2n, 1n]);
    expect(
      await storeRechecked(db, recheck, answer(recheck, [said(1n, 'one')], { asOf, missing: [2n, 3n] })),
    ).toMatchObject({
      missing: 1,
    });
    expect(await stored(db, 2n)).toMatchObject({ message: 'two', deletedReason: 'missing', deletedAt: asOf });
    expect(await stored(db, 3n)).toMatchObject({ deletedReason: 'deleted' });
    // A page that was asked for before does not bring it back.
    await store(db, news, [said(2n, 'two')], ago(3000));
    expect(await stored(db, 2n)).toMatchObject({ deletedReason: 'missing' });

    await ask(db, 1n, 3n);
    recheck = await next(db);
    expect(await messagesToRecheck(db, recheck, 10)).toEqual([2n, 1n]);
    expect(await storeRechecked(db, recheck, answer(recheck, [said(1n, 'one'), said(2n, 'two')]))).toMatchObject({
      changed: 1,
    });
    expect(await stored(db, 2n)).toMatchObject({ deletedReason: null, deletedAt: null });
  });

  test('that says nothing about a part proves nothing, and does not come back to it', async ({ db }) => {
    await store(db, news, [said(1n, 'one')]);
    await ask(db, 1n, 1n);
    const recheck = await next(db);
    await storeRechecked(db, recheck, answer(recheck, [], { isProven: false }));
    expect(await ranges(db)).toEqual([]);
    expect(await db.recheck.count()).toBe(0);
    expect(await stored(db, 1n)).toMatchObject({ deletedAt: null });
  });

  test('to what was asked for anew meanwhile does not count', async ({ db }) => {
    await store(db, news, [said(1n, 'one'), said(2n, 'two')]);
    await ask(db, 1n, 2n);
    const before = await next(db);
    await vi.waitUntil(async () => {
      await ask(db, 1n, 2n, 'hole');
      return (await next(db)).askedAt > before.askedAt;
    }, patience);
    await storeRechecked(db, before, answer(before, [said(1n, 'one'), said(2n, 'two')]));
    expect(await db.recheck.findMany()).toMatchObject([{ id: before.id, fromId: 1n, toId: 2n }]);
    await finishRecheck(db, before);
    expect(await db.recheck.count()).toBe(1);
  });
});

describe('what is asked for', () => {
  test('is read from its top downward, without what is known to be newer', async ({ db }) => {
    await store(
      db,
      news,
      [1n, 2n, 4n].map((id) => said(id, 'x')),
    );
    await store(db, news, [said(3n, 'x')], new Date(Date.now() + hour));
    await ask(db, 1n, 9n);
    let recheck = await next(db);
    expect(await messagesToRecheck(db, recheck, 2)).toEqual([4n, 2n]);
    await storeRechecked(db, recheck, answer(recheck, [said(4n, 'x'), said(2n, 'x')], { part: { from: 2n, to: 9n } }));
    recheck = await next(db);
    expect(recheck.range).toEqual({ from: 1n, to: 1n });
    await storeRechecked(db, recheck, answer(recheck, [said(1n, 'x')]));
    expect(await ranges(db)).toEqual([[1n, 9n, recheck.askedAt]]);
  });

  test('twice is read once, and of several reasons each has its turn', async ({ db }) => {
    await ask(db, 5n, 9n);
    await ask(db, 1n, 9n);
    await ask(db, 3n, 9n);
    expect(await db.recheck.findMany()).toMatchObject([{ fromId: 1n, toId: 9n }]);
    await ask(db, 1n, 3n, 'hole', { chatId: friend, ownerId: accountId });
    await ask(db, 1n, 2n, 'missing');
    const turns: RecheckReason[] = [];
    for (let turn = 0; turn < 4; turn++) turns.push((await nextRecheck(db, accountId, turns.at(-1)))!.reason);
    expect(turns).toEqual(['recent', 'hole', 'missing', 'recent']);
  });

  test('of a chat that cannot be read, is not wanted or failed, waits', async ({ db }) => {
    await ask(db, 1n, 9n);
    const recheck = await next(db);
    for (const change of [{ state: 'unreadable' }, { state: 'ok', wanted: false }] as const) {
      await db.dialog.updateMany({ where: { chatId: news }, data: change });
      expect(await nextRecheck(db, accountId, undefined)).toBeUndefined();
    }
    await db.dialog.updateMany({ where: { chatId: news }, data: { wanted: true } });
    await postponeRecheck(db, recheck);
    expect(await nextRecheck(db, accountId, undefined)).toBeUndefined();
    await db.recheck.updateMany({ data: { retryAt: ago(1) } });
    expect(await next(db)).toMatchObject({ id: recheck.id });
  });

  test('has witnesses: messages nearby that were there', async ({ db }) => {
    await store(
      db,
      news,
      Array.from({ length: 10 }, (_, index) => said(BigInt(index + 1), 'x')),
    );
    await inTransaction(db, (tx) => markDeleted(tx, whose, { ids: [3n, 8n], at: new Date() }));
    expect(await witnessesOf(db, whose, [7n, 6n, 4n])).toEqual([5n, 2n, 1n, 9n, 10n]);
  });

  test('is paced: so many ids take so long', async ({ db }) => {
    const began = performance.now();
    expect(await takeRecheckTurn(db, accountId, 100)).toBe(0);
    const waitMs = await takeRecheckTurn(db, accountId, 100);
    expect(waitMs + performance.now() - began).toBeGreaterThanOrEqual(10_000);
    expect(waitMs).toBeLessThanOrEqual(10_000);
    await db.account.updateMany({ data: { recheckAfter: ago(1) } });
    expect(await takeRecheckTurn(db, accountId, 1)).toBe(0);
  });
});

describe('rounds', () => {
  const day = 86_400;
  const rules = [
    { last: 2 * day, every: day },
    { last: 30 * day, every: 7 * day },
  ];
  const now = new Date('2026-06-01T00:00:00Z');
  const before = (days: number) => new Date(now.getTime() - days * day * 1000).toISOString();

  test.for<[string, Record<string, string>, number | undefined, Record<string, string>]>([
    ['a new rule begins to count', {}, undefined, { 172800: before(0), 2592000: before(0) }],
    ['not due', { 172800: before(0.9), 2592000: before(6) }, undefined, { 172800: before(0.9), 2592000: before(6) }],
    ['the daily one', { 172800: before(1), 2592000: before(6) }, 2 * day, { 172800: before(0), 2592000: before(6) }],
    [
      'the weekly one is a daily one as well',
      { 172800: before(0.5), 2592000: before(7) },
      30 * day,
      { 172800: before(0), 2592000: before(0) },
    ],
    [
      'what is no longer wanted is forgotten',
      { 172800: before(0), 2592000: before(1), 60: before(1) },
      undefined,
      { 172800: before(0), 2592000: before(1) },
    ],
  ])('%s', ([, rounds, last, expected]) => {
    expect(planRound(rules, rounds, now)).toEqual({ last, rounds: expected });
  });

  test('everything is the furthest reach', () => {
    expect(planRound([...rules, { last: null, every: 30 * day }], { all: before(31) }, now)).toMatchObject({
      last: null,
    });
  });

  test('what is due follows from the database: the messages of the last days', async ({ db }) => {
    const sentAgo = (days: number) => ({ date: ago(days * day * 1000) });
    await store(db, news, [
      said(1n, 'x', sentAgo(40)),
      said(2n, 'x', sentAgo(20)),
      said(3n, 'x', sentAgo(1.5)),
      said(4n, 'x', sentAgo(1)),
    ]);
    await db.dialog.updateMany({ data: { recheck: rules } });
    expect(await beginRounds(db)).toBe(0);
    expect(await beginRounds(db)).toBe(0);
    const lastBegan = async (days: number) => {
      const { recheckRounds } = await db.dialog.findFirstOrThrow({ where: { chatId: news } });
      const rounds = Object.fromEntries(Object.keys(recheckRounds as object).map((it) => [it, ago(days * day * 1000)]));
      await db.dialog.updateMany({ where: { chatId: news }, data: { recheckRounds: rounds } });
    };
    await lastBegan(1.1);
    expect(await beginRounds(db)).toBe(1);
    expect(await db.recheck.findMany()).toMatchObject([{ chatId: news, fromId: 3n, toId: 4n, reason: 'recent' }]);
    await lastBegan(7.1);
    expect(await beginRounds(db)).toBe(1);
    expect(await db.recheck.findMany()).toMatchObject([{ chatId: news, fromId: 2n, toId: 4n, reason: 'recent' }]);
    expect(await beginRounds(db)).toBe(0);
  });
});

test('a person asks for what is stored between two ids', async ({ db }) => {
  await store(
    db,
    news,
    [3n, 4n, 8n, 9n].map((id) => said(id, 'x')),
  );
  await inTransaction(db, (tx) => markDeleted(tx, whose, { ids: [8n], at: new Date() }));
  const chat = { chatId: news, accountId };
  const asked = async () => (await db.recheck.findMany()).map((it) => [it.fromId, it.toId]);
  expect(await askResync(db, chat, { from: 10n, to: 0n })).toBe(0);
  expect(await asked()).toEqual([]);
  expect(await askResync(db, chat, { from: 4n, to: 8n })).toBe(1);
  expect(await asked()).toEqual([[4n, 4n]]);
  expect(await askResync(db, chat, { from: 0n, to: 0n })).toBe(3);
  expect(await asked()).toEqual([[1n, 9n]]);
});
