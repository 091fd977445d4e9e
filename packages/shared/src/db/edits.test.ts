/** What a message said before an edit is kept; what is older never replaces what is newer; what was deleted stays, and stays deleted. */
import {
  markDeleted,
  markDeletedOfAccount,
  markMissing,
  type MediaRow,
  type MessageRow,
  storeAskedAgain,
  storePage,
} from '@tgsync/shared/db';
import { type BareDb, inTransaction } from '@tgsync/shared/db/bare';
import { describe, expect } from 'vitest';
import { test as base } from '@tgsync/testing';
import { accountId, addChat, message, page, photo } from '@tgsync/testing/pages';

const news = -1_000_000_000_001n;
const friend = 5n;
const group = -6n;
const channel = { chatId: news, ownerId: 0n };

const test = base.extend<{ chats: undefined }>({
  chats: [
    async ({ db }, use) => {
      await addChat(db, { id: news, wanted: true });
      await addChat(db, { id: friend, kind: 'user', wanted: true });
      await addChat(db, { id: group, kind: 'group', wanted: true });
      await use(undefined);
    },
    { auto: true },
  ],
});

/** A moment, in seconds of a minute long ago. */
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));

function said(id: bigint, text: string, more: Partial<MessageRow> = {}, raw: object = {}): MessageRow {
  const { media = [] } = more;
  const held = media.map((it) => ({ _: 'MessageMediaPhoto', photo: { _: 'Photo', id: it.id.toString() } }))[0];
  return message(id, {
    message: text,
    ...more,
    raw: { _: 'Message', message: text, ...(held && { media: held }), ...raw },
  });
}

const store = (db: BareDb, chatId: bigint, row: MessageRow, asOf: Date) =>
  storePage(db, page(chatId, [row], { asOf, proven: { from: row.id, to: row.id } }));

const stored = async (db: BareDb, chatId = news, id = 1n) =>
  await db.message.findFirstOrThrow({ where: { chatId, id } });
const versions = async (db: BareDb, chatId = news) =>
  (await db.messageVersion.findMany({ where: { chatId }, orderBy: [{ id: 'asc' }, { version: 'asc' }] })).map(
    (it) => `${it.id}.${it.version} ${it.message}`,
  );

describe('an edit', () => {
  test('adds a version with what was said before, and the message says the newest', async ({ db }) => {
    await store(db, news, said(1n, 'one'), at(1));
    await store(db, news, said(1n, 'two', { editDate: at(2) }), at(2));
    await store(db, news, said(1n, 'three', { editDate: at(2) }), at(3)); // a second edit in the same second
    expect(await stored(db)).toMatchObject({ message: 'three', editDate: at(2), asOf: at(3), deletedAt: null });
    expect(await versions(db)).toEqual(['1.1 one', '1.2 two']);
  });

  test('seen first in an answer for an incomplete message is one, unless the answer is older', async ({ db }) => {
    const due = async (row: MessageRow, asOf: Date) => {
      await db.message.updateMany({ data: { askAgainAt: at(0) } });
      await storeAskedAgain(db, { ...page(news, [row]), asOf, asked: [1n] });
    };
    await store(db, news, said(1n, 'one'), at(1));
    await due(said(1n, 'two', { editDate: at(2) }), at(3));
    await store(db, news, said(1n, 'two', { editDate: at(2) }), at(4)); // the update of it
    expect(await stored(db)).toMatchObject({ message: 'two', askAgainAt: null });
    expect(await versions(db)).toEqual(['1.1 one']);
    await due(said(1n, 'one'), at(2));
    expect(await stored(db)).toMatchObject({ message: 'two', raw: { message: 'two' }, askAgainAt: null });
    expect(await versions(db)).toEqual(['1.1 one']);
  });

  test('told again, or late, adds nothing', async ({ db }) => {
    await store(db, news, said(1n, 'one'), at(1));
    await store(db, news, said(1n, 'two'), at(5));
    await store(db, news, said(1n, 'two'), at(6));
    await store(db, news, said(1n, 'one'), at(2)); // a page that was asked for before, and arrives after
    expect(await stored(db)).toMatchObject({ message: 'two', asOf: at(6) });
    expect(await versions(db)).toEqual(['1.1 one']);
  });

  test('is none for reactions, counters and previews, which are renewed', async ({ db }) => {
    await store(db, news, said(1n, 'one', { views: 5 }), at(1));
    await store(db, news, said(1n, 'one', { views: 9 }, { reactions: { _: 'MessageReactions' } }), at(2));
    await store(db, news, said(1n, 'one', { views: 7 }), at(3));
    expect(await stored(db)).toMatchObject({ message: 'one', views: 9, raw: { _: 'Message', message: 'one' } });
    expect(await versions(db)).toEqual([]);
  });

  test('of the media owes the new one, and keeps the link and the row of the old one', async ({ db }) => {
    const holding = (it: MediaRow) => said(1n, 'one', { media: [it] });
    await store(db, news, holding(photo(31n)), at(1));
    await db.messageMedia.updateMany({ data: { link: 'linked', linkName: '1_31.jpg' } });
    await db.message.updateMany({ data: { linked: true } });
    const waiting = await store(db, news, holding(photo(32n)), at(2));
    expect(waiting).toEqual([{ kind: 'photo', id: 32n }]);
    expect(await db.messageMedia.findMany({ orderBy: { mediaId: 'asc' } })).toMatchObject([
      { mediaId: 31n, link: 'linked', linkName: '1_31.jpg', stale: true },
      { mediaId: 32n, link: 'pending', stale: false },
    ]);
    expect(await stored(db)).toMatchObject({ photoId: 32n, linked: false });
    await db.message.updateMany({ data: { linked: true } });
    await store(db, news, said(1n, 'another text', { media: [photo(32n)] }), at(3));
    expect(await stored(db)).toMatchObject({ message: 'another text', linked: true });
    await db.messageVersion.deleteMany({ where: { version: 2 } });
    expect(await versions(db)).toEqual(['1.1 one']);
    expect(await db.messageVersion.findFirst()).toMatchObject({ raw: { media: { photo: { id: '31' } } } });
  });

  test('is none if media expired: what was seen of it stays', async ({ db }) => {
    await store(db, news, said(1n, 'once', { media: [photo(31n)] }), at(1));
    await store(db, news, said(1n, 'once', {}, { media: { _: 'MessageMediaPhoto', ttlSeconds: 5 } }), at(2));
    expect(await stored(db)).toMatchObject({ photoId: 31n, raw: { media: { photo: { id: '31' } } } });
    expect(await versions(db)).toEqual([]);
  });

  test('replaces nothing if nobody knows when it was asked for', async ({ db }) => {
    await store(db, news, said(1n, 'one'), at(1));
    await storePage(db, page(news, [said(1n, 'two')]));
    expect(await stored(db)).toMatchObject({ message: 'one' });
  });

  test('of a row of an earlier version, which has no moment, counts', async ({ db }) => {
    await storePage(db, page(news, [said(1n, 'one')]));
    await store(db, news, said(1n, 'two'), at(1));
    expect(await versions(db)).toEqual(['1.1 one']);
  });
});

const inOne = (db: BareDb, work: Parameters<typeof inTransaction<unknown>>[1]) => inTransaction(db, work);

describe('a deletion', () => {
  test('keeps the row and its versions', async ({ db }) => {
    await store(db, news, said(1n, 'one'), at(1));
    await store(db, news, said(1n, 'two'), at(2));
    await inOne(db, (tx) => markDeleted(tx, channel, { ids: [1n], at: at(3) }));
    expect(await stored(db)).toMatchObject({ message: 'two', deletedAt: at(3), deletedReason: 'deleted' });
    expect(await versions(db)).toEqual(['1.1 one']);
    await inOne(db, (tx) => markDeleted(tx, channel, { ids: [1n], at: at(9) }));
    expect(await stored(db)).toMatchObject({ deletedAt: at(3) });
  });

  test('of a message never seen: a page that was asked for before does not revive it, but keeps what it said', async ({
    db,
  }) => {
    await inOne(db, (tx) => markDeleted(tx, channel, { ids: [1n, 2n], at: at(3) }));
    await store(db, news, said(1n, 'one'), at(2));
    expect(await stored(db)).toMatchObject({ message: 'one', deletedAt: at(3), deletedReason: 'deleted' });
    await store(db, news, said(1n, 'one'), at(4));
    expect(await stored(db)).toMatchObject({ deletedAt: at(3) });
    expect(await db.tombstone.count()).toBe(2);
  });

  test('of the account touches its own chats only: no channel, and no other account', async ({ db }) => {
    for (const chat of [news, friend]) await store(db, chat, said(1n, 'one'), at(1));
    await store(db, group, said(2n, 'two'), at(1));
    await storePage(db, page(friend, [said(3n, 'theirs')], { accountId: 8n, asOf: at(1) }));
    const ids = [1n, 2n, 3n, 4n];
    expect(await inOne(db, (tx) => markDeletedOfAccount(tx, accountId, { ids, at: at(3) }))).toBe(2);
    const deleted = await db.message.findMany({ where: { deletedAt: { not: null } }, orderBy: { id: 'asc' } });
    expect(deleted.map((it) => [it.chatId, it.id])).toEqual([
      [friend, 1n],
      [group, 2n],
    ]);
    await store(db, group, said(4n, 'late'), at(2));
    expect(await stored(db, group, 4n)).toMatchObject({ deletedAt: at(3) });
    await store(db, news, said(4n, 'of a channel'), at(2));
    expect(await stored(db, news, 4n)).toMatchObject({ deletedAt: null });
  });

  test('after the time that the sender had set is an auto-delete', async ({ db }) => {
    const date = at(0);
    for (const [id, ttlPeriod] of [
      [1n, 10],
      [2n, 60],
    ] as const)
      await store(db, news, said(id, 'soon', { date }, { ttlPeriod }), at(1));
    await inOne(db, (tx) => markDeleted(tx, channel, { ids: [1n, 2n], at: at(11) }));
    expect(await stored(db, news, 1n)).toMatchObject({ deletedReason: 'auto-delete' });
    expect(await stored(db, news, 2n)).toMatchObject({ deletedReason: 'deleted' });
  });

  test('a message that is missing is there again when a later answer holds it, unless an update told of its end', async ({
    db,
  }) => {
    for (const id of [1n, 2n]) await store(db, news, said(id, 'one'), at(1));
    await inOne(db, (tx) => markMissing(tx, channel, { ids: [1n, 2n, 3n], at: at(3) }));
    expect(await stored(db)).toMatchObject({ deletedReason: 'missing', deletedAt: at(3) });
    expect(await db.tombstone.count()).toBe(0);
    await inOne(db, (tx) => markDeleted(tx, channel, { ids: [2n], at: at(4) }));
    for (const id of [1n, 2n]) await store(db, news, said(id, 'one'), at(5));
    expect(await stored(db, news, 1n)).toMatchObject({ deletedReason: null, deletedAt: null });
    expect(await stored(db, news, 2n)).toMatchObject({ deletedReason: 'deleted', deletedAt: at(4) });
  });
});
