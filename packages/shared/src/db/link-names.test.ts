/** A link has one place for good, no two links have the same, and no two chats share a folder. */
import { forgetLinkName, type LinkNaming, pendingLinks, reserveLinkName, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { test } from '@tgsync/testing';
import { addChat, document, message, page, photo } from '@tgsync/testing/pages';
import { expect } from 'vitest';

const [first, second] = [-1_000_000_000_001n, -1_000_000_000_002n];
const doc = { kind: 'document', id: 32n } as const;
const picture = { kind: 'photo', id: 31n } as const;

/** Numbers a name or folder until nobody has it. */
const numbered = (name: string, taken: readonly string[]) => {
  for (let nth = 1; ; nth++) {
    const it = nth === 1 ? name : `${name}_${nth}`;
    if (!taken.includes(it)) return it;
  }
};

function naming(more: Partial<LinkNaming> = {}): LinkNaming {
  return {
    title: undefined,
    folder: () => null,
    name: (_, taken) => numbered('1 a.txt', taken),
    usual: undefined,
    keyOf: (path) => path.toLowerCase(),
    ...more,
  };
}

/** Two chats of one title, with a message each that holds the document; the first also holds a photo. */
async function twoChats(db: BareDb): Promise<void> {
  for (const id of [first, second]) await addChat(db, { id, title: 'News', wanted: true });
  await storePage(db, page(first, [message(1n, { media: [document(doc.id), photo(picture.id)] })]));
  await storePage(db, page(second, [message(1n, { media: [document(doc.id)] })]));
}

const linkIn = (chatId: bigint, messageId = 1n) => ({ chatId, messageId });

test('the place of a link does not change once given, and two media of a message never choose the same', async ({
  db,
}) => {
  await twoChats(db);
  const places = await Promise.all([doc, picture].map((it) => reserveLinkName(db, it, linkIn(first), naming())));
  expect(new Set(places.map((it) => it.name))).toEqual(new Set(['1 a.txt', '1 a.txt_2']));
  const other = naming({ folder: () => 'x', name: () => 'another' });
  expect(await reserveLinkName(db, doc, linkIn(first), other)).toEqual(places[0]);
});

test('a folder belongs to the chat that had it first, whatever its case', async ({ db }) => {
  await twoChats(db);
  const [big, small] = ['News', 'news'].map((name) => naming({ folder: (_, taken) => numbered(name, taken) }));
  expect(await reserveLinkName(db, doc, linkIn(first), big!)).toMatchObject({ folder: 'News' });
  expect(await reserveLinkName(db, doc, linkIn(second), small!)).toMatchObject({ folder: 'news_2' });
  expect(await reserveLinkName(db, picture, linkIn(first), small!)).toMatchObject({ folder: 'news' });
});

test('a chat keeps what it is called in folders, which no other chat is', async ({ db }) => {
  await twoChats(db);
  const byTitle = naming({
    title: (_, title, taken) => numbered(title, taken),
    folder: ({ title }, taken) => numbered(title, taken),
  });
  const places = await Promise.all([first, second].map((id) => reserveLinkName(db, doc, linkIn(id), byTitle)));
  expect(new Set(places.map((it) => it.folder))).toEqual(new Set(['News', 'News_2']));
  await db.chat.updateMany({ data: { title: 'Renamed' } });
  expect(await reserveLinkName(db, picture, linkIn(first), byTitle)).toMatchObject({ folder: places[0]!.folder });
});

test('names of one folder differ, also from those that were given without a template', async ({ db }) => {
  await twoChats(db);
  await storePage(
    db,
    page(first, [message(12n, { media: [document(33n)] }), message(13n, { media: [document(34n)] })]),
  );
  await reserveLinkName(db, doc, linkIn(first), naming());
  const template = naming({ folder: ({ chatId }) => `${chatId}`, name: (_, taken) => numbered('1 A.txt', taken) });
  const names = [];
  for (const [id, messageId] of [
    [33n, 12n],
    [34n, 13n],
  ] as const)
    names.push(await reserveLinkName(db, { kind: 'document', id }, linkIn(first, messageId), template));
  expect(names.map((it) => it.name)).toEqual(['1 A.txt_2', '1 A.txt_3']);
  const usual = naming({ name: (_, taken) => numbered('1 a.txt_2', taken) });
  expect(await reserveLinkName(db, picture, linkIn(first), usual)).toMatchObject({ folder: null, name: '1 a.txt_2_2' });
});

test('a name that never reached the disk is forgotten with its folder', async ({ db }) => {
  await twoChats(db);
  const long = naming({ folder: () => 'long', name: () => 'long' });
  await reserveLinkName(db, doc, linkIn(second), long);
  await forgetLinkName(db, doc, linkIn(second));
  expect(await reserveLinkName(db, doc, linkIn(second), naming())).toMatchObject({ folder: null, name: '1 a.txt' });
});

test('names know date, text, title and topic of the message', async ({ db }) => {
  await twoChats(db);
  const media = [document(33n)];
  await storePage(db, page(first, [message(9n, { message: 'caption', topicId: 4n, media })]));
  const [link] = await pendingLinks(db, { kind: 'document', id: 33n });
  let known: object = {};
  const spy = naming({ name: (it) => ((known = it), 'x') });
  await reserveLinkName(db, { kind: 'document', id: 33n }, link!, spy);
  expect(known).toEqual({
    chatId: first,
    messageId: 9n,
    date: new Date('2024-02-29T23:59:59Z'),
    caption: 'caption',
    title: 'News',
    topic: '4',
  });
  const topics = [{ id: 4n, title: 'Kittens', closed: false, hidden: false }];
  await storePage(db, page(first, [message(10n, { topicId: 4n, media })], { topics }));
  await reserveLinkName(db, { kind: 'document', id: 33n }, linkIn(first, 10n), spy);
  expect(known).toMatchObject({ topic: 'Kittens' });
  await storePage(db, page(first, [], { topics: [{ id: 4n, title: 'Cats', closed: false, hidden: false }] }));
  await storePage(db, page(first, [message(11n, { topicId: 4n, media })]));
  await reserveLinkName(db, { kind: 'document', id: 33n }, linkIn(first, 11n), spy);
  expect(known).toMatchObject({ topic: 'Cats' });
});

test.for(['', '/a', 'a/', '../a', 'a/../b', 'a/..', '.', 'a//b'])('no folder can be %j', async (linkFolder, { db }) => {
  await twoChats(db);
  const of = { where: { chatId: second }, data: { linkFolder, linkKey: 'k' } };
  await expect(db.messageMedia.updateMany(of)).rejects.toThrow('message_media_link_folder');
});
