/** Lost rows, which no foreign key prevents, are found and restored. */
import {
  askAgainFor,
  claimMedia,
  lostChats,
  messagesWithLostMedia,
  owedMedia,
  pendingLinks,
  recordSaved,
  restoreChat,
  storeAskedAgain,
  storePage,
} from '@tgsync/shared/db';
import { test } from '@tgsync/testing';
import { accountId, addChat, document, message, page, photo } from '@tgsync/testing/pages';
import { expect } from 'vitest';

const [news, friend] = [-1_000_000_000_001n, 5n];

test('a media whose row was lost is requested again with its messages, and its links are restored', async ({ db }) => {
  await addChat(db, { id: friend, kind: 'user', title: 'Friend', wanted: true, state: 'ok' });
  const held = message(1n, { media: [photo(31n), document(32n)] });
  await storePage(db, page(friend, [held, message(2n, { media: [photo(31n)] })]));
  for (const ref of [{ kind: 'photo', id: 31n } as const, { kind: 'document', id: 32n } as const]) {
    const file = { fileName: `${ref.id}.bin`, sha256: 'x', size: 1000n };
    await recordSaved(db, (await claimMedia(db, ref))!, file, await pendingLinks(db, ref));
  }
  expect(await messagesWithLostMedia(db, undefined, 10)).toEqual([]);

  await db.document.delete({ where: { id: 32n } });
  const lost = await messagesWithLostMedia(db, undefined, 10);
  expect(lost).toEqual([{ chatId: friend, id: 1n, kind: 'document', mediaId: 32n }]);
  expect(await messagesWithLostMedia(db, lost.at(-1), 10)).toEqual([]);

  await askAgainFor(db, lost);
  expect(await db.message.count({ where: { linked: false } })).toBe(1);
  const answer = { chatId: friend, accountId, peers: [], messages: [held], asked: [1n] };
  expect(await storeAskedAgain(db, answer)).toEqual([{ kind: 'document', id: 32n }]);
  expect(await messagesWithLostMedia(db, undefined, 10)).toEqual([]);
  expect(await owedMedia(db, [], 10)).toMatchObject([{ kind: 'document', id: 32n }]);
  expect(await pendingLinks(db, { kind: 'document', id: 32n })).toMatchObject([
    { chatId: friend, messageId: 1n, wasLinked: true },
  ]);
});

test('a chat whose row was lost is found through its messages, and gets a row again', async ({ db }) => {
  for (const id of [news, friend]) await addChat(db, { id });
  await storePage(db, page(news, [message(1n)]));
  await storePage(db, page(friend, [message(1n)]));
  expect(await lostChats(db)).toEqual([]);
  await db.chat.deleteMany();
  expect(await lostChats(db)).toEqual([news, friend]);
  await restoreChat(db, news);
  expect(await lostChats(db)).toEqual([friend]);
});
