/** A refused file reference is asked for again where the media still is; when it is nowhere any more, it is gone. */
import {
  claimMedia,
  findMedia,
  loseOrigin,
  type Media,
  messagesToAsk,
  originOf,
  owedMedia,
  recordSaved,
  refuseReference,
  renewReference,
  storePage,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test as base } from '../fixtures.js';
import { document, message, page, photo } from './pages.js';

const [news, friend] = [-1_000_000_000_001n, 5n];
const ref = { kind: 'photo', id: 31n } as const;

const test = base.extend<{ media: Media }>({
  media: [
    async ({ db }, use) => {
      const row = { kind: 'channel', title: 'x', wanted: true };
      await db.chat.create({ data: { id: news, ...row, state: 'unreadable' } });
      await db.chat.create({ data: { id: friend, ...row, state: 'ok' } });
      await storePage(db, page(news, [message(900n, { media: [photo(31n), document(32n)] })]));
      await storePage(db, page(friend, [message(1n, { media: [photo(31n)] }), message(2n, { media: [photo(31n)] })]));
      await use((await findMedia(db, ref))!);
    },
    { auto: true },
  ],
});

const refused = async (db: BareDb) => (await findMedia(db, ref))!.referenceRefusedAt !== null;

test('only what was refused is asked for: each media once a chat, by its newest message', async ({ db, media }) => {
  expect(await messagesToAsk(db, friend, 100)).toEqual([]);
  await refuseReference(db, media);
  expect(await messagesToAsk(db, friend, 100)).toEqual([{ ...ref, messageId: 2n }]);
  expect(await messagesToAsk(db, news, 100)).toEqual([{ ...ref, messageId: 900n }]);
  await refuseReference(db, (await findMedia(db, { kind: 'document', id: 32n }))!);
  expect(await messagesToAsk(db, news, 100)).toHaveLength(2);
  expect(await messagesToAsk(db, news, 1)).toHaveLength(1);
});

test('a chat is asked for a media that is wanted in another one, whatever became of its own link', async ({
  db,
  media,
}) => {
  await db.messageMedia.updateMany({ where: { chatId: friend }, data: { link: 'absent' } });
  await refuseReference(db, media);
  expect(await originOf(db, ref)).toMatchObject({ chatId: friend, readable: true });
  expect(await messagesToAsk(db, friend, 100)).toEqual([{ ...ref, messageId: 2n }]);
});

test('a reference that came meanwhile is not taken for the refused one', async ({ db, media }) => {
  await storePage(db, page(friend, [message(3n, { media: [photo(31n, { fileReference: Buffer.from('second') })] })]));
  await refuseReference(db, media);
  expect(await refused(db)).toBe(false);
});

test('a fresh one ends the asking, with the data centre and access hash it came with', async ({ db, media }) => {
  await refuseReference(db, media);
  await renewReference(db, photo(31n, { fileReference: Buffer.from('second'), dcId: 4, accessHash: 2n ** 62n }));
  expect(await messagesToAsk(db, friend, 100)).toEqual([]);
  expect(await findMedia(db, ref)).toMatchObject({ referenceRefusedAt: null, dcId: 4, accessHash: 2n ** 62n });
});

test('a saved media is neither asked for nor changed', async ({ db, media }) => {
  await refuseReference(db, media);
  await recordSaved(db, (await claimMedia(db, ref))!, { fileName: '31.jpg', sha256: 'x', size: 1000n }, []);
  expect(await messagesToAsk(db, friend, 100)).toEqual([]);
  await renewReference(db, photo(31n, { fileReference: Buffer.from('second'), dcId: 4 }));
  expect((await findMedia(db, ref))!.dcId).toBe(2);
});

test('a chat that can be read is asked first, then another, and the media is gone with its last message', async ({
  db,
  media,
}) => {
  await refuseReference(db, media);
  expect(await originOf(db, ref)).toMatchObject({ chatId: friend, readable: true });
  await loseOrigin(db, friend, { ...ref, messageId: 2n });
  expect(await messagesToAsk(db, friend, 100)).toEqual([{ ...ref, messageId: 1n }]);
  await loseOrigin(db, friend, { ...ref, messageId: 1n });
  expect(await originOf(db, ref)).toMatchObject({ chatId: news, readable: false });
  expect((await findMedia(db, ref))!.state).toBe('owed');
  await loseOrigin(db, news, { ...ref, messageId: 900n });
  expect(await originOf(db, ref)).toBeUndefined();
  expect(await findMedia(db, ref)).toMatchObject({
    state: 'gone',
    reason: expect.stringContaining('deleted') as string,
  });
  expect(await owedMedia(db, undefined, 100)).toMatchObject([{ kind: 'document', id: 32n }]);
});

test('a media that wants a fresh reference waits while no chat that holds it can be read, and is owed when one can', async ({
  db,
}) => {
  const other = { kind: 'document', id: 32n } as const;
  const owed = async () => (await owedMedia(db, undefined, 100)).map((it) => it.kind);
  expect(await owed()).toEqual(['document', 'photo']);
  for (const it of [ref, other]) await refuseReference(db, (await findMedia(db, it))!);
  expect(await originOf(db, other)).toEqual({ chatId: news, readable: false, wanted: true });
  expect(await owed()).toEqual(['photo']); // a friend has it too
  for (const messageId of [1n, 2n]) await loseOrigin(db, friend, { ...ref, messageId });
  expect(await owed()).toEqual([]);
  await db.chat.update({ where: { id: news }, data: { state: 'ok' } });
  expect(await owed()).toEqual(['document', 'photo']);
  // Nobody looks again at a chat that is not wanted any more: then it is tried, and fails with its reason.
  await db.chat.update({ where: { id: news }, data: { state: 'unreadable', wanted: false } });
  await db.messageMedia.updateMany({ where: { chatId: friend }, data: { link: 'pending' } });
  expect(await owed()).toEqual(['photo']);
});

test('a media is gone when its last messages are lost at the same moment', async ({ db }) => {
  const many = Array.from({ length: 40 }, (_, index) => 100n + BigInt(index));
  for (const id of many)
    await storePage(
      db,
      page(friend, [message(id * 10n, { media: [photo(id)] }), message(id * 10n + 1n, { media: [photo(id)] })]),
    );
  await Promise.all(
    many.flatMap((id) =>
      [id * 10n, id * 10n + 1n].map((messageId) => loseOrigin(db, friend, { kind: 'photo', id, messageId })),
    ),
  );
  expect(await db.photo.count({ where: { id: { in: many }, state: 'gone' } })).toBe(many.length);
});

test('media that were asked for in vain make room for others', async ({ db, media }) => {
  await refuseReference(db, media);
  await refuseReference(db, (await findMedia(db, { kind: 'document', id: 32n }))!);
  expect(await messagesToAsk(db, news, 1, [{ kind: 'document', id: 32n }])).toEqual([{ ...ref, messageId: 900n }]);
  expect(await messagesToAsk(db, news, 1, [{ kind: 'document', id: 32n }, ref])).toEqual([]);
});

test('a saved media outlives its last message', async ({ db }) => {
  await recordSaved(db, (await claimMedia(db, ref))!, { fileName: '31.jpg', sha256: 'x', size: 1000n }, []);
  for (const [chatId, messageId] of [[news, 900n] as const, [friend, 1n] as const, [friend, 2n] as const])
    await loseOrigin(db, chatId, { ...ref, messageId });
  expect((await findMedia(db, ref))!.state).toBe('saved');
});

test('a media that was gone is owed again when a new message brings it', async ({ db }) => {
  for (const [chatId, messageId] of [[news, 900n] as const, [friend, 1n] as const, [friend, 2n] as const])
    await loseOrigin(db, chatId, { ...ref, messageId });
  expect((await findMedia(db, ref))!.state).toBe('gone');
  const waiting = await storePage(db, page(friend, [message(7n, { media: [photo(31n)] })]));
  expect(waiting).toEqual([ref]);
  expect(await findMedia(db, ref)).toMatchObject({ state: 'owed', reason: null, referenceRefusedAt: null });
  expect(await originOf(db, ref)).toMatchObject({ chatId: friend, readable: true });
});
