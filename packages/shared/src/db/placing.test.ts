/** Files that are saved at the same time share a transaction, and each is checked against its own claim. */
import { claimMedia, claimWanted, holdForPlacing, type LinkNaming, recordSaved, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { test as base } from '@tgsync/testing';
import { addChat, document, message, page, photo } from '@tgsync/testing/pages';
import { expect } from 'vitest';

const [chatId, unwanted] = [-1_000_000_000_001n, -1_000_000_000_002n];
const picture = { kind: 'photo', id: 31n } as const;
const doc = { kind: 'document', id: 32n } as const;
const other = { kind: 'document', id: 33n } as const;
const file = (name: string) => ({ fileName: name, sha256: 'abc', size: 1000n });
const link = (messageId: bigint) => ({ chatId, messageId });

/** Message 1 holds the photo and the document, message 2 the other document. */
const test = base.extend<{ stored: void }>({
  stored: [
    async ({ db }, use) => {
      await addChat(db, { id: chatId, title: 'News', wanted: true });
      await addChat(db, { id: unwanted, title: 'Old' });
      await storePage(
        db,
        page(chatId, [
          message(1n, { media: [photo(picture.id), document(doc.id)] }),
          message(2n, { media: [document(other.id)] }),
        ]),
      );
      await storePage(db, page(unwanted, [message(3n, { media: [document(34n)] })]));
      await use();
    },
    { auto: true },
  ],
});

const naming = (usual: LinkNaming['usual'] = (id) => `${id} a.txt`): LinkNaming => ({
  title: undefined,
  folder: () => null,
  name: ({ messageId }) => `${messageId} a.txt`,
  usual,
  keyOf: (path) => path.toLowerCase(),
});

const linked = async (db: BareDb) =>
  (await db.message.findMany({ where: { chatId }, orderBy: { id: 'asc' } })).map((it) => it.linked);

/** The transaction that last changed a media. */
const changedBy = async (db: BareDb) =>
  await db.$queryRaw<{ xmin: string }[]>`
    SELECT xmin::text FROM photo WHERE id = ${picture.id} UNION ALL SELECT xmin::text FROM document WHERE id = ${doc.id}`;

test('one lost claim among files that are saved together does not decide over the others', async ({ db }) => {
  const [first, second, third] = [
    (await claimMedia(db, picture))!,
    (await claimMedia(db, doc))!,
    (await claimMedia(db, other))!,
  ];
  await db.document.updateMany({ where: { id: other.id }, data: { claim: 9n } });
  const saved = await Promise.all([
    recordSaved(db, first, file('31.jpg'), [link(1n)]),
    recordSaved(db, second, file('32.txt'), [link(1n)], [], true),
    recordSaved(db, third, file('33.txt'), [link(2n)]),
  ]);
  expect(new Set((await changedBy(db)).map((it) => it.xmin)).size).toBe(1);
  expect(saved).toEqual([true, true, false]);
  expect(await linked(db)).toEqual([true, false]);
  expect(await db.document.findUnique({ where: { id: doc.id } })).toMatchObject({
    state: 'saved',
    fileName: '32.txt',
    provenAt: expect.any(Date) as Date,
    claimedUntil: null,
  });
  expect(await db.photo.findUnique({ where: { id: picture.id } })).toMatchObject({ provenAt: null });
  expect(await db.document.findUnique({ where: { id: other.id } })).toMatchObject({ state: 'owed', fileName: null });
});

test('a file that cannot be recorded is no failure of those that were saved with it', async ({ db }) => {
  const [first, second] = [(await claimMedia(db, picture))!, (await claimMedia(db, doc))!];
  const bad = [{ ...link(1n), reason: 'a\u0000b' }]; // Postgres takes no such text
  const saved = await Promise.allSettled([
    recordSaved(db, first, file('31.jpg'), [link(1n)]),
    recordSaved(db, second, file('32.txt'), [], bad),
  ]);
  expect(saved.map((it) => it.status)).toEqual(['fulfilled', 'rejected']);
  expect(await db.photo.findUnique({ where: { id: picture.id } })).toMatchObject({ state: 'saved' });
  expect(await db.document.findUnique({ where: { id: doc.id } })).toMatchObject({ state: 'owed' });
});

test('only a media that a wanted chat waits for is claimed', async ({ db }) => {
  expect(await claimWanted(db, { kind: 'document', id: 34n })).toBe('unwanted');
  expect(await db.document.findUnique({ where: { id: 34n } })).toMatchObject({ claim: 0n, claimedUntil: null });
  expect(await claimWanted(db, other)).toMatchObject({ media: { id: other.id, claim: 1n }, link: link(2n) });
  expect(await claimWanted(db, other)).toBeUndefined();
});

test('a hold records the hash and names the expected link, of a message that holds nothing else', async ({ db }) => {
  const media = (await claimMedia(db, other))!;
  const placeable = await holdForPlacing(db, media, 'abc', link(2n), naming());
  expect(placeable?.links).toMatchObject([{ ...link(2n), name: '2 a.txt', folder: null, isAlone: true }]);
  expect(placeable?.firstDate).toEqual((await db.message.findFirst({ where: { id: 2n } }))?.date);
  const again = await holdForPlacing(
    db,
    media,
    'abc',
    link(2n),
    naming((id) => `${id} b.txt`),
  );
  expect(again?.links).toMatchObject([{ name: '2 a.txt' }]);
  expect(await db.document.findUnique({ where: { id: other.id } })).toMatchObject({ sha256: 'abc' });

  const shared = (await claimMedia(db, doc))!;
  const one = await holdForPlacing(db, shared, 'abc', link(1n), naming());
  expect(one?.links).toMatchObject([{ ...link(1n), name: null, isAlone: false }]);
});

test('a lost claim holds and names nothing', async ({ db }) => {
  const media = (await claimMedia(db, other))!;
  await db.document.updateMany({ where: { id: other.id }, data: { claim: 9n } });
  expect(await holdForPlacing(db, media, 'abc', link(2n), naming())).toBeUndefined();
  expect(await db.messageMedia.findFirst({ where: { mediaId: other.id } })).toMatchObject({ linkName: null });
  expect(await db.document.findUnique({ where: { id: other.id } })).toMatchObject({ sha256: null });
});

test('a usual name is not given if another link has its path, nor where templates name links', async ({ db }) => {
  await db.messageMedia.updateMany({
    where: { mediaId: 34n },
    data: { linkName: 'x', linkFolder: 'y', linkKey: `${chatId}/2 a.txt` },
  });
  const media = (await claimMedia(db, other))!;
  expect((await holdForPlacing(db, media, 'abc', link(2n), naming()))?.links).toMatchObject([{ name: null }]);
  const byTemplate = { ...naming(), usual: undefined };
  expect((await holdForPlacing(db, media, 'abc', link(2n), byTemplate))?.links).toMatchObject([{ name: null }]);
});
