/** A refused file reference is requested again wherever the media still is; if that is nowhere, the media is gone. */
import {
  chatsToRefresh,
  claimMedia,
  failUnreachable,
  findMedia,
  loseOrigin,
  type Media,
  messagesToAsk,
  originOf,
  owedMedia,
  recordSaved,
  recordUntold,
  refuseReference,
  remainingMedia,
  renewReferences,
  storePage,
  unprovenMedia,
  wakeDue,
} from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { expect } from 'vitest';
import { test as base } from '@tgsync/testing';
import { accountId, addChat, document, message, page, photo } from '@tgsync/testing/pages';

const [news, friend] = [-1_000_000_000_001n, 5n];
const ref = { kind: 'photo', id: 31n } as const;

const test = base.extend<{ media: Media }>({
  media: [
    async ({ db }, use) => {
      await addChat(db, { id: news, wanted: true, state: 'unreadable' });
      await addChat(db, { id: friend, kind: 'user', wanted: true, state: 'ok' });
      await storePage(db, page(news, [message(900n, { media: [photo(31n), document(32n)] })]));
      await storePage(db, page(friend, [message(1n, { media: [photo(31n)] }), message(2n, { media: [photo(31n)] })]));
      await use((await findMedia(db, ref))!);
    },
    { auto: true },
  ],
});

const refused = async (db: BareDb) => (await findMedia(db, ref))!.referenceRefusedAt !== null;

test('nothing is requested before a refusal, then each media once per chat, through its newest message', async ({
  db,
  media,
}) => {
  expect(await messagesToAsk(db, friend, 100)).toEqual([]);
  await refuseReference(db, media);
  expect(await messagesToAsk(db, friend, 100)).toEqual([{ ...ref, messageId: 2n, refused: true }]);
  expect(await messagesToAsk(db, news, 100)).toEqual([
    { ...ref, messageId: 900n, refused: true },
    { kind: 'document', id: 32n, messageId: 900n, refused: false },
  ]);
  await refuseReference(db, (await findMedia(db, { kind: 'document', id: 32n }))!);
  expect(await messagesToAsk(db, news, 100)).toHaveLength(2);
  expect(await messagesToAsk(db, news, 1)).toHaveLength(1);
});

test('a chat can supply a media that is wanted in another one, whatever the state of its own link', async ({
  db,
  media,
}) => {
  await db.messageMedia.updateMany({ where: { chatId: friend }, data: { link: 'absent' } });
  await refuseReference(db, media);
  expect(await originOf(db, ref)).toMatchObject({ chatId: friend, readable: true });
  expect(await messagesToAsk(db, friend, 100)).toEqual([{ ...ref, messageId: 2n, refused: true }]);
});

test('a reference that arrived meanwhile is not mistaken for the refused one', async ({ db, media }) => {
  await db.mediaAccess.updateMany({ where: { mediaId: 31n }, data: { referenceAt: new Date(0) } });
  await storePage(db, page(friend, [message(3n, { media: [photo(31n, { fileReference: Buffer.from('second') })] })]));
  await refuseReference(db, media);
  expect(await refused(db)).toBe(false);
});

test('a fresh one ends the requests, and brings its data centre and access hash', async ({ db, media }) => {
  await refuseReference(db, media);
  await renewReferences(db, accountId, [
    photo(31n, { fileReference: Buffer.from('second'), dcId: 4, accessHash: 2n ** 62n }),
  ]);
  expect(await messagesToAsk(db, friend, 100)).toEqual([]);
  expect(await findMedia(db, ref)).toMatchObject({ referenceRefusedAt: null, dcId: 4, accessHash: 2n ** 62n });
});

test('a saved media is not requested', async ({ db, media }) => {
  await refuseReference(db, media);
  await recordSaved(db, (await claimMedia(db, ref))!, { fileName: '31.jpg', sha256: 'x', size: 1000n }, []);
  expect(await messagesToAsk(db, friend, 100)).toEqual([]);
});

test('readable chats come first, then others, and the media is gone with its last message', async ({ db, media }) => {
  await refuseReference(db, media);
  expect(await originOf(db, ref)).toMatchObject({ chatId: friend, readable: true });
  await loseOrigin(db, friend, { ...ref, messageId: 2n });
  expect(await messagesToAsk(db, friend, 100)).toEqual([{ ...ref, messageId: 1n, refused: true }]);
  await loseOrigin(db, friend, { ...ref, messageId: 1n });
  expect(await originOf(db, ref)).toMatchObject({ chatId: news, readable: false });
  expect((await findMedia(db, ref))!.state).toBe('owed');
  await loseOrigin(db, news, { ...ref, messageId: 900n });
  expect(await originOf(db, ref)).toBeUndefined();
  expect(await findMedia(db, ref)).toMatchObject({
    state: 'gone',
    reason: expect.stringContaining('deleted') as string,
  });
  expect(await owedMedia(db, [], 100)).toMatchObject([{ chatId: news, kind: 'document', id: 32n }]);
});

test('a media that needs a fresh reference is not downloaded, and its chats are asked once readable', async ({
  db,
}) => {
  const other = { kind: 'document', id: 32n } as const;
  const owed = async () => [...new Set((await owedMedia(db, [], 100)).map((it) => it.kind))].sort();
  expect(await owed()).toEqual(['document', 'photo']);
  for (const it of [ref, other]) await refuseReference(db, (await findMedia(db, it))!);
  expect(await owed()).toEqual([]);
  expect(await remainingMedia(db)).toEqual({ files: 2, bytes: 2000n });
  expect(await originOf(db, other)).toEqual({ chatId: news, readable: false, wanted: true });
  expect(await chatsToRefresh(db)).toEqual([friend]);
  await db.dialog.updateMany({ where: { chatId: news }, data: { state: 'ok' } });
  expect(await chatsToRefresh(db)).toEqual([news, friend]);
  await renewReferences(db, accountId, [photo(31n, { fileReference: Buffer.from('second') })]);
  expect(await owed()).toEqual(['photo']);
  expect(await chatsToRefresh(db)).toEqual([news]);
});

test('if no chat that has it will be read again, it fails with its reason', async ({ db }) => {
  await refuseReference(db, (await findMedia(db, ref))!);
  for (const messageId of [1n, 2n]) await loseOrigin(db, friend, { ...ref, messageId });
  await failUnreachable(db);
  expect((await findMedia(db, ref))!.state).toBe('owed');
  await db.dialog.updateMany({ where: { chatId: news }, data: { wanted: false } });
  await failUnreachable(db);
  expect(await findMedia(db, ref)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('not in tg.chats') as string,
  });
});

test('a refused reference is renewed together with those as old or older, then with slightly younger ones', async ({
  db,
  media,
}) => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes));
  const files = [40n, 41n, 42n, 43n, 44n, 45n];
  for (const id of files)
    await storePage(db, page(friend, [message(id, { media: [photo(id)] }), message(id + 10n, { media: [photo(id)] })]));
  for (const [id, minute] of [
    [31n, 5],
    [40n, 3],
    [41n, 5],
    [42n, 6],
    [43n, 4],
    [44n, 4],
    [45n, 66], // more than an hour younger
  ] as const)
    await db.mediaAccess.updateMany({ where: { mediaId: id }, data: { referenceAt: at(minute) } });
  await db.photo.update({ where: { id: 43n }, data: { state: 'saved', saved: true } });
  await refuseReference(db, media);
  const asked = async (limit: number) =>
    (await messagesToAsk(db, friend, limit)).map((it) => [it.messageId, it.refused]);
  expect(await asked(100)).toEqual([
    [2n, true],
    [51n, false],
    [54n, false],
    [50n, false],
    [52n, false],
  ]);
  expect(await asked(2)).toEqual([
    [2n, true],
    [51n, false],
  ]);
  // References that arrived after the refusal are fresh.
  await db.mediaAccess.updateMany({ where: { mediaId: 31n }, data: { referenceRefusedAt: at(6) } });
  expect(await asked(100)).not.toContainEqual([52n, false]);
});

test('refusals in a row are counted until a byte arrives', async ({ db }) => {
  const refuse = async (brought = false) => await refuseReference(db, (await findMedia(db, ref))!, brought);
  const renew = async (reference: string) =>
    await renewReferences(db, accountId, [photo(31n, { fileReference: Buffer.from(reference) })]);
  expect(await refuse()).toBe(1);
  expect(await refuse()).toBe(1); // the same one
  await renew('second');
  expect(await refuse()).toBe(2);
  await renew('third');
  expect(await refuse(true)).toBe(1);
});

test('a message missing from Telegram’s answer is requested again later, and after several attempts the media fails', async ({
  db,
  media,
}) => {
  await refuseReference(db, media);
  await db.dialog.updateMany({ where: { chatId: news }, data: { state: 'ok' } });
  const told = async () => {
    const [asked] = await messagesToAsk(db, friend, 100);
    await recordUntold(db, friend, asked!, 3);
  };
  const began = Date.now();
  await told();
  await told(); // its other message there
  const ended = Date.now();
  expect(await chatsToRefresh(db)).toEqual([news]); // another chat may tell
  expect(await findMedia(db, ref)).toMatchObject({ state: 'owed', attempts: 2 });
  const due = await db.messageMedia.findMany({ where: { chatId: friend }, orderBy: { referenceRetryAt: 'asc' } });
  for (const [index, ms] of [5000, 10_000].entries()) {
    const retryAt = due[index]!.referenceRetryAt!.getTime();
    expect(retryAt).toBeGreaterThanOrEqual(began + ms);
    expect(retryAt).toBeLessThanOrEqual(ended + ms + 1); // rounded
  }
  await wakeDue(db);
  expect(await chatsToRefresh(db)).toEqual([news]);
  await db.messageMedia.updateMany({ where: { chatId: friend }, data: { referenceRetryAt: new Date(0) } });
  await wakeDue(db);
  expect(await chatsToRefresh(db)).toEqual([news, friend]);
  await told();
  expect(await findMedia(db, ref)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('tells nothing of message') as string,
  });
  expect(await chatsToRefresh(db)).toEqual([]);
});

test('for a saved file only the check against Telegram’s hashes waits for a fresh reference', async ({ db }) => {
  await recordSaved(db, (await claimMedia(db, ref))!, { fileName: '31.jpg', sha256: 'x', size: 1000n }, []);
  await db.messageMedia.updateMany({ where: { mediaId: 31n }, data: { link: 'linked' } });
  expect(await unprovenMedia(db, undefined, 10)).toEqual([ref]);
  await refuseReference(db, (await findMedia(db, ref))!);
  expect(await unprovenMedia(db, undefined, 10)).toEqual([]);
  expect(await chatsToRefresh(db)).toEqual([friend]);
  await renewReferences(db, accountId, [photo(31n, { fileReference: Buffer.from('second') })]);
  expect(await unprovenMedia(db, undefined, 10)).toEqual([ref]);
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

test('a saved media stays after its last message is gone', async ({ db }) => {
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

test('a message of a channel lets any account reach its media, one of a private chat only its owner', async ({
  db,
  media,
}) => {
  const theirs = photo(31n, { accessHash: 99n, fileReference: Buffer.from('theirs') });
  await storePage(db, page(news, [message(901n, { media: [theirs] })], { accountId: 8n }));
  const owed = async () => {
    const rows = await db.messageMedia.findMany({
      where: { mediaId: 31n },
      orderBy: [{ chatId: 'asc' }, { messageId: 'asc' }],
    });
    return rows.map((it) => it.owed);
  };
  await refuseReference(db, media);
  expect(await owed()).toEqual(['file', 'file', 'reference', 'reference']);
  const other = (await findMedia(db, ref))!;
  expect(other).toMatchObject({ accountId: 8n, accessHash: 99n });
  await refuseReference(db, other);
  expect(await owed()).toEqual(['reference', 'reference', 'reference', 'reference']);
  await renewReferences(db, accountId, [photo(31n, { fileReference: Buffer.from('second') })]);
  expect(await owed()).toEqual(['file', 'file', 'file', 'file']);
  expect(await findMedia(db, ref)).toMatchObject({ accountId, accessHash: 21n });
});
