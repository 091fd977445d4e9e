/** Updates take effect together with the numbers up to which they were told: once, or not at all, and only by whoever has the role. */
import { randomUUID } from 'node:crypto';
import {
  applyTold,
  coverageOf,
  holdRole,
  messagesToAskAgain,
  messagesToRecheck,
  nextRecheck,
  readLiveState,
  recordTooLong,
  releaseRole,
  resetChannel,
  RoleLostError,
  settleChanged,
  StaleStateError,
  storePage,
  type Told,
  type ToldOfChat,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { describe, expect, vi } from 'vitest';
import { patience, test as base } from '@tgsync/testing';
import { accountId, addChat, message, page, photo } from '@tgsync/testing/pages';

const news = -1_000_000_000_001n;
const friend = 5n;
const unwanted = -1_000_000_000_002n;
const updates = { accountId, role: 'updates' } as const;
const [first, second] = [randomUUID(), randomUUID()];
const state = (pts: number) => ({ pts, qts: 0, date: 1_700_000_000, seq: 1 });

const test = base.extend<{ fence: bigint }>({
  fence: async ({ db }, use) => {
    await addChat(db, { id: news, wanted: true, pts: 10, liveTop: 4n } as never);
    await addChat(db, { id: friend, kind: 'user', wanted: true, liveTop: 4n } as never);
    await addChat(db, { id: unwanted, pts: 10 });
    await db.account.create({ data: { id: accountId, pts: 100, qts: 0, date: new Date(0), seq: 1 } });
    await use((await holdRole(db, updates, first, 60))!);
  },
});

const ofChat = (chatId: bigint, more: Partial<ToldOfChat> = {}): ToldOfChat => ({
  chatId,
  messages: [],
  newIds: [],
  deleted: [],
  pinned: [],
  counters: [],
  ...more,
});
const told = (fence: bigint, more: Partial<Told> = {}): Told => ({
  accountId,
  fence,
  channels: [],
  chats: [],
  deletedOfAccount: [],
  peers: [],
  ...more,
});
const said = (id: bigint, text: string) => message(id, { message: text, raw: { _: 'Message', message: text } });
const texts = async (db: BareDb) =>
  (await db.message.findMany({ orderBy: [{ chatId: 'asc' }, { id: 'asc' }] })).map((it) => `${it.id} ${it.message}`);
const ptsOf = async (db: BareDb) => [
  (await db.account.findFirstOrThrow()).pts,
  (await db.chat.findFirstOrThrow({ where: { id: news } })).pts,
];

describe('what was told', () => {
  test('is applied with its numbers, and its media are owed', async ({ db, fence }) => {
    const withPhoto = { ...said(5n, 'five'), media: [photo(31n)] };
    const waiting = await applyTold(
      db,
      told(fence, {
        common: { from: 100, to: state(102) },
        channels: [{ chatId: news, from: 10, to: 11 }],
        chats: [
          ofChat(news, { messages: [withPhoto], newIds: [5n] }),
          ofChat(friend, { messages: [said(6n, 'six')], newIds: [6n] }),
        ],
      }),
    );
    expect(waiting).toMatchObject([{ chatTitle: 'x', media: [{ kind: 'photo', id: 31n }] }]);
    expect(await texts(db)).toEqual(['5 five', '6 six']);
    expect(await ptsOf(db)).toEqual([102, 11]);
  });

  test('of channels that have more is remembered until all of that has come', async ({ db, fence }) => {
    const seen = async () => (await readLiveState(db, accountId))?.channels.get(news);
    await applyTold(db, told(fence, { common: { from: 100, to: state(101) }, named: [news] }));
    expect(await seen()).toEqual({ pts: 10, seenPts: 11 });
    await applyTold(db, told(fence, { caughtUp: [news] })); // there was nothing
    expect(await seen()).toEqual({ pts: 10, seenPts: 10 });
  });

  test('is not applied again', async ({ db, fence }) => {
    const step = told(fence, {
      common: { from: 100, to: state(101) },
      chats: [ofChat(friend, { messages: [said(5n, 'five')], newIds: [5n] })],
    });
    await applyTold(db, step);
    await expect(applyTold(db, step)).rejects.toThrow(StaleStateError);
    const ofChannel = told(fence, {
      channels: [{ chatId: news, from: 9, to: 12 }],
      chats: [ofChat(news, { messages: [said(7n, 'seven')] })],
    });
    await expect(applyTold(db, ofChannel)).rejects.toThrow(StaleStateError);
    expect(await texts(db)).toEqual(['5 five']);
    expect(await ptsOf(db)).toEqual([101, 10]);
  });

  test('never moves the date back', async ({ db, fence }) => {
    const date = async () => (await readLiveState(db, accountId))?.common.date;
    await applyTold(db, told(fence, { common: { from: 100, to: { ...state(101), date: 1_700_000_050 } } }));
    await applyTold(db, told(fence, { common: { from: 101, to: { ...state(102), date: 1_700_000_040 } } }));
    expect(await date()).toBe(1_700_000_050);
  });

  test('by a late holder of the role does nothing', async ({ db, fence }) => {
    await releaseRole(db, updates, first);
    expect(await holdRole(db, updates, second, 60)).toBe(fence + 1n);
    const late = told(fence, {
      common: { from: 100, to: state(101) },
      chats: [ofChat(friend, { messages: [said(5n, 'five')] })],
    });
    await expect(applyTold(db, late)).rejects.toThrow(RoleLostError);
    expect(await texts(db)).toEqual([]);
    expect(await ptsOf(db)).toEqual([100, 10]);
    await applyTold(db, { ...late, fence: fence + 1n });
    expect(await texts(db)).toEqual(['5 five']);
  });

  test('of chats that nobody wants moves the numbers only', async ({ db, fence }) => {
    await applyTold(
      db,
      told(fence, {
        channels: [{ chatId: unwanted, from: 10, to: 12 }],
        chats: [ofChat(unwanted, { messages: [said(5n, 'five')] })],
      }),
    );
    expect(await texts(db)).toEqual([]);
  });

  test('outside of the wanted range or period is not stored', async ({ db, fence }) => {
    await db.dialog.updateMany({
      where: { chatId: news },
      data: { rangeFrom: 5n, rangeTo: 8n, since: new Date('2024-01-01'), until: new Date('2024-03-01') },
    });
    const dated = (id: bigint, date: string) => ({ ...said(id, 'x'), date: new Date(date) });
    const messages = [
      dated(4n, '2024-02-01'),
      dated(5n, '2023-12-31'),
      dated(6n, '2024-02-01'),
      dated(7n, '2024-03-01'),
      dated(9n, '2024-02-01'),
    ];
    await applyTold(db, told(fence, { chats: [ofChat(news, { messages })] }));
    expect(await texts(db)).toEqual(['6 x']);
  });

  test('of a message that was created, edited twice and deleted keeps each state of it', async ({ db, fence }) => {
    const messages = ['one', 'two', 'three'].map((it) => said(5n, it));
    await applyTold(db, told(fence, { chats: [ofChat(news, { messages, newIds: [5n], deleted: [5n] })] }));
    expect(await texts(db)).toEqual(['5 three']);
    expect(await db.message.findFirst()).toMatchObject({ deletedReason: 'deleted' });
    const versions = await db.messageVersion.findMany({ orderBy: { version: 'asc' } });
    expect(versions.map((it) => it.message)).toEqual(['one', 'two']);
  });

  test('before a page that was ahead of it does not undo what the page says', async ({ db, fence }) => {
    const read = page(news, [said(3n, 'twice')], { asOf: new Date(0), proven: null });
    await storePage(db, { ...read, pts: 12 });
    for (const [pts, text] of [
      [11, 'once'],
      [12, 'twice'],
      [13, 'three times'],
    ] as const) {
      const chats = [ofChat(news, { messages: [{ ...said(3n, text), pts }] })];
      await applyTold(db, told(fence, { channels: [{ chatId: news, from: pts - 1, to: pts }], chats }));
    }
    expect(await texts(db)).toEqual(['3 three times']);
    expect((await db.messageVersion.findMany()).map((it) => it.message)).toEqual(['twice']);
  });

  test('before an edit that a page told does not undo it', async ({ db, fence }) => {
    const edited = (text: string, editDate: number) => {
      const it = said(3n, text);
      return { ...it, raw: { ...it.raw, editDate } };
    };
    await storePage(db, page(friend, [edited('twice', 1002)], { asOf: new Date(0), proven: null }));
    for (const [pts, it] of [
      [101, said(3n, 'sent')],
      [102, edited('once', 1001)],
      [103, edited('twice', 1002)],
    ] as const) {
      const common = { from: pts - 1, to: state(pts) };
      await applyTold(db, told(fence, { common, chats: [ofChat(friend, { messages: [it] })] }));
    }
    expect(await texts(db)).toEqual(['3 twice']);
    expect(await db.messageVersion.findMany()).toEqual([]);
  });

  test('pins, views and forwards', async ({ db, fence }) => {
    const apply = (more: Partial<ToldOfChat>) => applyTold(db, told(fence, { chats: [ofChat(news, more)] }));
    await apply({
      messages: [said(5n, 'five')],
      counters: [{ id: 5n, views: 9 }],
      pinned: [{ ids: [5n], isPinned: true }],
    });
    expect(await db.message.findFirst()).toMatchObject({ views: 9, forwards: null, raw: { pinned: true } });
    await apply({ counters: [{ id: 5n, views: 7, forwards: 2 }], pinned: [{ ids: [5n], isPinned: false }] });
    const row = await db.message.findFirstOrThrow();
    expect(row).toMatchObject({ views: 9, forwards: 2 });
    expect(row.raw).not.toHaveProperty('pinned');
  });
});

describe('what changes without an edit', () => {
  const apply = (db: BareDb, fence: bigint, more: Partial<ToldOfChat>, others: Partial<Told> = {}) =>
    applyTold(db, told(fence, { chats: [ofChat(news, more)], ...others }));
  const reactions = (count: number, more: object = {}) => ({ _: 'MessageReactions', results: [{ count }], ...more });
  const raw = async (db: BareDb) => (await db.message.findFirstOrThrow()).raw;

  test('a hidden edit makes no version, and does not show as edited', async ({ db, fence }) => {
    const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
    const five = (more: object, editDate: Date | null = null) => ({
      ...said(5n, 'five'),
      editDate,
      raw: { _: 'Message', message: 'five', ...more },
    });
    await apply(db, fence, { messages: [five({})] });
    await apply(db, fence, { messages: [five({ editHide: true, reactions: reactions(1) })] });
    expect(await db.message.findFirst()).toMatchObject({ editDate: null, raw: { reactions: reactions(1) } });
    await apply(db, fence, { messages: [five({}, at(1))] });
    await apply(db, fence, { messages: [five({ editHide: true, views: 3 })] });
    expect(await db.message.findFirst()).toMatchObject({ editDate: at(1), raw: { views: 3 } });
    expect(await db.messageVersion.count()).toBe(0);
  });

  test('reactions: the newest state, which a page that was asked for before does not replace', async ({
    db,
    fence,
  }) => {
    await apply(db, fence, { messages: [said(5n, 'five')] });
    await db.message.updateMany({ data: { asOf: new Date(0) } });
    const before = new Date(Date.now() - 60_000);
    await apply(db, fence, { reactions: [{ id: 5n, reactions: reactions(2) }] });
    const late = { ...said(5n, 'new text'), raw: { _: 'Message', message: 'new text', reactions: reactions(1) } };
    await storePage(db, page(news, [late], { asOf: before }));
    expect(await raw(db)).toEqual({ _: 'Message', message: 'new text', reactions: reactions(2) });
    await apply(db, fence, { messages: [late] });
    expect(await raw(db)).toMatchObject({ reactions: reactions(1) });
    const recentReactions = [{ my: true }];
    await apply(db, fence, { reactions: [{ id: 5n, reactions: reactions(3, { recentReactions }) }] });
    await apply(db, fence, { reactions: [{ id: 5n, reactions: reactions(4, { min: true }) }] });
    expect(await raw(db)).toMatchObject({ reactions: reactions(4, { recentReactions }) });
    await apply(db, fence, { reactions: [{ id: 99n, reactions: reactions(1) }] }); // not stored
    expect(await db.message.count()).toBe(1);
  });

  test('a poll, by its id alone, wherever it is; its question stays', async ({ db, fence }) => {
    const media = {
      _: 'MessageMediaPoll',
      poll: { _: 'Poll', id: '31', question: 'q' },
      results: { _: 'PollResults' },
    };
    const poll = (id: bigint) => ({ ...said(id, ''), mediaType: 'MessageMediaPoll', raw: { _: 'Message', media } });
    await apply(db, fence, { messages: [poll(5n)] });
    await applyTold(db, told(fence, { chats: [ofChat(friend, { messages: [poll(6n), said(7n, 'x')] })] }));
    const results = { _: 'PollResults', totalVoters: 3 };
    const ofPoll = (isClosed: boolean | undefined) => told(fence, { polls: [{ pollId: 31n, isClosed, results }] });
    await applyTold(db, ofPoll(undefined));
    const polls = async () => (await db.message.findMany({ where: { mediaType: { not: null } } })).map((it) => it.raw);
    const counted = { _: 'Message', media: { ...media, results } };
    expect(await polls()).toEqual([counted, counted]);
    await applyTold(db, ofPoll(true));
    await applyTold(db, ofPoll(undefined));
    const closed = { _: 'Message', media: { ...media, poll: { ...media.poll, closed: true }, results } };
    expect(await polls()).toEqual([closed, closed]);
    expect(await db.messageVersion.count()).toBe(0);
  });
});

describe('a web page', () => {
  const media = (page: object) => ({ _: 'MessageMediaWebPage', webpage: { id: '41', ...page } });
  const holding = (id: bigint) => ({
    ...said(id, 'look'),
    mediaType: 'MessageMediaWebPage',
    askAgainAt: new Date(0),
    raw: { _: 'Message', message: 'look', media: media({ _: 'WebPagePending' }) },
  });

  test('goes to every message that holds it, its media are owed by the rules of each chat, and it is no edit', async ({
    db,
    fence,
  }) => {
    await db.dialog.updateMany({ where: { chatId: friend }, data: { rules: [{ takes: false, when: {} }] } });
    const hold = [news, friend].map((id) => ofChat(id, { messages: [holding(5n), said(6n, 'x')] }));
    await applyTold(db, told(fence, { chats: hold }));
    await db.message.updateMany({ data: { linked: true } });
    const page = { _: 'WebPage', id: '41', title: 'Ready' };
    const webPages = [{ id: 41n, page, media: [photo(31n, { via: 'webpage' })], askAgainAt: null }];
    const waiting = await applyTold(db, told(fence, { webPages }));
    expect(waiting).toMatchObject([{ media: [{ kind: 'photo', id: 31n }] }]);
    const rows = await db.message.findMany({ where: { id: 5n }, orderBy: { chatId: 'asc' } });
    const common = { photoId: 31n, askAgainAt: null, raw: { media: { webpage: page } } };
    expect(rows).toMatchObject([
      { ...common, chatId: news, linked: false },
      { ...common, chatId: friend, linked: true },
    ]);
    expect(await db.messageMedia.findMany({ orderBy: { chatId: 'asc' } })).toMatchObject([
      { chatId: news, link: 'pending', owed: 'file', via: 'webpage' },
      { chatId: friend, link: 'skipped' },
    ]);
    expect(await db.message.count({ where: { id: 6n, photoId: null, linked: true } })).toBe(2);
    expect(await db.messageVersion.count()).toBe(0);
  });
});

test('messages to be asked for again, and what is hidden from the account, are recorded', async ({ db, fence }) => {
  await applyTold(db, told(fence, { chats: [ofChat(news, { messages: [said(5n, 'five'), said(6n, 'six')] })] }));
  await applyTold(db, told(fence, { chats: [ofChat(news, { askAgain: [6n], availableMinId: 5n })] }));
  expect(await messagesToAskAgain(db, news, 10)).toMatchObject([{ id: 6n }]);
  expect(await db.dialog.findFirst({ where: { chatId: news } })).toMatchObject({ availableMinId: 5n });
  expect(await db.message.count({ where: { deletedAt: null } })).toBe(2);
});

test('the same id deleted in the account: a channel with a message of that id is untouched, another account likewise', async ({
  db,
  fence,
}) => {
  const other = 8n;
  await db.account.create({ data: { id: other, pts: 100, qts: 0, date: new Date(0), seq: 1 } });
  await db.dialog.create({ data: { accountId: other, chatId: friend, wanted: true } });
  const otherFence = (await holdRole(db, { ...updates, accountId: other }, second, 60))!;
  const five = (chatId: bigint) => ofChat(chatId, { messages: [said(5n, 'five')] });
  await applyTold(db, told(fence, { chats: [five(news), five(friend)] }));
  await applyTold(db, told(otherFence, { accountId: other, chats: [five(friend)] }));
  const deleted = async () =>
    (await db.message.findMany({ where: { deletedAt: { not: null } } })).map((it) => [it.chatId, it.ownerId]);
  await applyTold(db, told(fence, { deletedOfAccount: [5n, 6n] }));
  expect(await deleted()).toEqual([[friend, accountId]]);
  expect(await db.tombstone.findMany()).toMatchObject([{ ownerId: accountId, id: 6n }]);
  await applyTold(db, told(otherFence, { accountId: other, chats: [ofChat(friend, { messages: [said(6n, 'six')] })] }));
  expect(await deleted()).toEqual([[friend, accountId]]);
  await applyTold(db, told(otherFence, { accountId: other, deletedOfAccount: [5n] }));
  expect(await deleted()).toHaveLength(2);
});

test('a deletion while a page with the message is being stored: the message is deleted, whoever is first', async ({
  db,
  fence,
}) => {
  const waits = async () => {
    const rows = await db.$queryRaw<unknown[]>`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return rows.length;
  };
  let stored: Promise<unknown> | undefined;
  let deleted: Promise<unknown> | undefined;
  await db.$transaction(async (other) => {
    await other.$executeRaw`LOCK TABLE coverage`;
    stored = storePage(db, page(friend, [said(3n, 'three')], { proven: { from: 3n, to: 3n } }));
    await vi.waitUntil(async () => (await waits()) === 1, patience); // the page stored its message, and is not committed yet
    deleted = applyTold(db, told(fence, { common: { from: 100, to: state(101) }, deletedOfAccount: [3n] }));
    await Promise.race([deleted, vi.waitUntil(async () => (await waits()) === 2, patience)]);
  });
  await Promise.all([stored, deleted]);
  expect(await db.message.findMany()).toMatchObject([{ id: 3n, deletedReason: 'deleted' }]);
  await storePage(db, page(friend, [said(4n, 'four')]));
  expect(await db.message.findFirst({ where: { id: 4n } })).toMatchObject({ deletedReason: null });
});

test('a chat about which something has changed is noted until a survey that was asked for later', async ({
  db,
  fence,
}) => {
  const changed = async () =>
    (await db.dialog.findMany({ where: { changedAt: { not: null } } })).map((it) => it.chatId);
  await applyTold(db, told(fence, { changed: [news, unwanted, 99n] }));
  expect(await changed()).toEqual([news]);
  const { changedAt } = await db.dialog.findFirstOrThrow({ where: { chatId: news } });
  await settleChanged(db, accountId, [news], new Date(changedAt!.getTime() - 10));
  expect(await changed()).toEqual([news]);
  await settleChanged(db, accountId, [news], new Date(changedAt!.getTime() + 10));
  expect(await changed()).toEqual([]);
});

test('a wanted chat that is met can be reached, and is what the update said', async ({ db, fence }) => {
  const stranger = -1_000_000_000_009n;
  await addChat(db, { id: stranger, kind: 'unknown', title: '', wanted: true });
  expect((await readLiveState(db, accountId))?.strangers.has(stranger)).toBe(true);
  const facts = { id: stranger, kind: 'channel', title: 'Secret', username: null, accessHash: 31n } as const;
  await applyTold(db, told(fence, { met: [facts] }));
  expect(await db.chat.findFirst({ where: { id: stranger } })).toMatchObject({ kind: 'channel', title: 'Secret' });
  expect(await db.dialog.findFirst({ where: { chatId: stranger } })).toMatchObject({ accessHash: 31n });
  expect((await readLiveState(db, accountId))?.strangers.has(stranger)).toBe(false);
});

describe('topics', () => {
  const topics = async (db: BareDb) =>
    (await db.topic.findMany()).map(({ id, title, closed, hidden, deletedAt }) => {
      return { id, title, closed, hidden, isDeleted: deletedAt !== null };
    });
  const apply = (db: BareDb, fence: bigint, more: Partial<ToldOfChat>) =>
    applyTold(db, told(fence, { chats: [ofChat(news, more)] }));
  const cats = { id: 5n, title: 'Cats', closed: false, hidden: false };

  test('change as service messages say, each only in what it says', async ({ db, fence }) => {
    await apply(db, fence, {
      topics: [
        { id: 5n, title: 'Cats' },
        { id: 5n, closed: true },
        { id: 9n, hidden: true },
      ],
    });
    expect(await topics(db)).toEqual([{ ...cats, closed: true, isDeleted: false }]);
    await apply(db, fence, { topics: [{ id: 5n, closed: false, title: 'Kittens' }] });
    expect(await topics(db)).toEqual([{ ...cats, title: 'Kittens', isDeleted: false }]);
  });

  test('are not what a page that was asked for before says', async ({ db, fence }) => {
    await apply(db, fence, { topics: [{ id: 5n, title: 'Kittens' }] });
    await storePage(db, page(news, [], { topics: [cats], asOf: new Date(Date.now() - 60_000) }));
    expect(await topics(db)).toMatchObject([{ title: 'Kittens' }]);
    await storePage(db, page(news, [], { topics: [cats], asOf: new Date(Date.now() + 60_000) }));
    expect(await topics(db)).toMatchObject([{ title: 'Cats' }]);
  });

  test('are deleted with the message that began them, in their chat only', async ({ db, fence }) => {
    await apply(db, fence, { topics: [{ id: 5n, title: 'Cats' }] });
    await applyTold(db, told(fence, { chats: [ofChat(friend, { deleted: [5n] })], deletedOfAccount: [5n] }));
    expect(await topics(db)).toMatchObject([{ isDeleted: false }]);
    await apply(db, fence, { deleted: [5n] });
    expect(await topics(db)).toMatchObject([{ isDeleted: true }]);
  });
});

describe('coverage', () => {
  const covered = async (db: BareDb, id = news) => (await coverageOf(db, [id])).get(id);

  test('grows with new messages where nothing is missing before them', async ({ db, fence }) => {
    for (const id of [6n, 9n])
      await applyTold(db, told(fence, { chats: [ofChat(news, { messages: [said(id, 'x')], newIds: [id] })] }));
    expect(await covered(db)).toEqual([{ from: 5n, to: 9n }]);
    expect(await db.dialog.findFirst({ where: { chatId: news } })).toMatchObject({ topMessage: 9n, liveTop: 9n });
  });

  test('does not grow by edits, nor where something may be missing', async ({ db, fence }) => {
    await applyTold(db, told(fence, { chats: [ofChat(news, { messages: [said(6n, 'edited')] })] }));
    expect(await covered(db)).toEqual([]);
    await db.dialog.updateMany({ data: { liveTop: null } });
    await applyTold(db, told(fence, { chats: [ofChat(news, { messages: [said(7n, 'new')], newIds: [7n] })] }));
    expect(await covered(db)).toEqual([]);
    expect(await db.dialog.findFirst({ where: { chatId: news } })).toMatchObject({ topMessage: 7n, liveTop: null });
  });
});

describe('after a hole what is stored is to be rechecked:', () => {
  const store = (db: BareDb, fence: bigint) =>
    applyTold(
      db,
      told(fence, {
        chats: [news, friend].map((id) => ofChat(id, { messages: [said(id === news ? 3n : 4n, 'x')] })),
      }),
    );
  const asked = async (db: BareDb) =>
    (await db.recheck.findMany({ orderBy: { chatId: 'asc' } })).map(({ chatId, ownerId, fromId, toId, reason }) => {
      return [chatId, ownerId, fromId, toId, reason];
    });

  test('of a channel, whose newest messages came', async ({ db, fence }) => {
    await store(db, fence);
    const newest = { from: 50n, to: 60n };
    await applyTold(db, told(fence, { chats: [ofChat(news, { messages: [said(55n, 'y')], newest })] }));
    expect(await asked(db)).toEqual([[news, 0n, 1n, 55n, 'hole']]);
    // What just came needs none.
    await db.dialog.updateMany({ data: { state: 'ok' } });
    expect(await messagesToRecheck(db, (await nextRecheck(db, accountId, undefined))!, 10)).toEqual([3n]);
  });

  test("of the account's private chats and basic groups", async ({ db, fence }) => {
    await store(db, fence);
    await recordTooLong(db, accountId, fence, state(500));
    expect(await asked(db)).toEqual([[friend, accountId, 1n, 4n, 'hole']]);
  });

  test('of a channel whose pts the server has forgotten', async ({ db, fence }) => {
    await store(db, fence);
    await resetChannel(db, accountId, fence, news, 500);
    expect(await asked(db)).toEqual([[news, 0n, 1n, 3n, 'hole']]);
  });
});

describe('the role', () => {
  test('is held by one at a time, renewed by its holder, and free once it has expired', async ({ db, fence }) => {
    expect(await holdRole(db, updates, second, 60)).toBeUndefined();
    expect(await holdRole(db, updates, first, 60)).toBe(fence);
    await db.roleLease.updateMany({ data: { expiresAt: new Date(0) } });
    expect(await holdRole(db, updates, second, 60)).toBe(fence + 1n);
    expect(await holdRole(db, updates, first, 60)).toBeUndefined();
    expect(await holdRole(db, { ...updates, accountId: 8n }, first, 60)).toBe(1n);
  });

  test('that expired is another one, also for the same holder: somebody may have had it meanwhile', async ({
    db,
    fence,
  }) => {
    await db.roleLease.updateMany({ data: { expiresAt: new Date(0) } });
    expect(await holdRole(db, updates, first, 60)).toBe(fence + 1n);
  });
});
