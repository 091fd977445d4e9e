/** A page is stored completely or not at all, may be stored again, and never changes what is archived. */
import { claimMedia, findMedia, type Page, recordSaved, releaseClaim, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import { cleanText } from '@tgsync/shared/telegram';
import { describe, expect } from 'vitest';
import { test as base } from '@tgsync/testing';
import { addChat, document, message, page, photo } from '@tgsync/testing/pages';

const chatId = -1_000_000_000_001n;

const test = base.extend<{ chat: undefined }>({
  chat: [
    async ({ db }, use) => {
      await addChat(db, { id: chatId, wanted: true });
      await use(undefined);
    },
    { auto: true },
  ],
});

const peer: Page['peers'][number] = {
  id: 11n,
  kind: 'user',
  name: 'Ann',
  username: 'ann',
  min: false,
  accessHash: 5n,
  raw: { _: 'user' },
};

async function everything(db: BareDb): Promise<unknown> {
  return {
    messages: await db.message.findMany({ orderBy: { id: 'asc' } }),
    links: await db.messageMedia.findMany({ orderBy: [{ messageId: 'asc' }, { position: 'asc' }] }),
    photos: await db.photo.findMany({ orderBy: { id: 'asc' } }),
    documents: await db.document.findMany({ orderBy: { id: 'asc' } }),
    peers: await db.peer.findMany({ orderBy: { id: 'asc' } }),
    coverage: await db.coverage.findMany(),
  };
}

const full = page(
  chatId,
  [
    message(3n, { media: [photo(31n), document(32n, { via: 'webpage' })], entities: [{ _: 'messageEntityBold' }] }),
    message(2n, { media: [document(32n)], groupedId: 2n ** 62n, views: 7, action: 'MessageActionPinMessage' }),
    message(1n),
  ],
  { peers: [peer], proven: { from: 1n, to: 3n } },
);

test('storing a page again changes nothing and returns the same media', async ({ db }) => {
  const media = [
    { kind: 'document', id: 32n },
    { kind: 'photo', id: 31n },
  ];
  const byKind = (a: { kind: string }, b: { kind: string }) => a.kind.localeCompare(b.kind);
  expect((await storePage(db, full)).sort(byKind)).toEqual(media);
  const first = await everything(db);
  expect((await storePage(db, full)).sort(byKind)).toEqual(media);
  expect(await everything(db)).toEqual(first);
  expect(first).toMatchObject({
    messages: [
      { id: 1n, linked: true, photoId: null, ownerId: 0n, entities: null, date: new Date('2024-02-29T23:59:59Z') },
      { id: 2n, linked: false, documentId: 32n, groupedId: 2n ** 62n, views: 7, action: 'MessageActionPinMessage' },
      { id: 3n, linked: false, photoId: 31n, documentId: 32n, entities: [{ _: 'messageEntityBold' }] },
    ],
    links: [
      { messageId: 2n, kind: 'document', position: 0, via: 'media' },
      { messageId: 3n, kind: 'photo', position: 0, via: 'media' },
      { messageId: 3n, kind: 'document', position: 1, via: 'webpage' },
    ],
    coverage: [{ fromId: 1n, toId: 3n }],
  });
});

test('what is archived never changes, whatever a later answer says', async ({ db }) => {
  await storePage(db, full);
  const { messages } = (await everything(db)) as { messages: unknown };
  await storePage(db, page(chatId, [message(1n, { message: 'edited', date: new Date(), views: 9, raw: {} })]));
  expect(((await everything(db)) as { messages: unknown }).messages).toEqual(messages);
});

test('the same id in two chats is two messages', async ({ db }) => {
  await addChat(db, { id: 5n, kind: 'user' });
  await storePage(db, page(chatId, [message(1n)]));
  await storePage(db, page(5n, [message(1n, { message: 'another' })]));
  expect(await db.message.count({ where: { id: 1n } })).toBe(2);
});

test('a page that fails leaves nothing behind, not even coverage', async ({ db }) => {
  await db.$executeRaw`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'not now' USING ERRCODE = 'serialization_failure'; END $$`;
  await db.$executeRaw`CREATE TRIGGER fails BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION fails()`;
  const broken = page(chatId, [message(1n)], { peers: [peer], proven: { from: 1n, to: 1n } });
  await expect(storePage(db, broken)).rejects.toThrow('not now');
  expect(await everything(db)).toEqual({
    messages: [],
    links: [],
    photos: [],
    documents: [],
    peers: [],
    coverage: [],
  });
});

test('concurrent pages of several chats with the same peers and media do not deadlock', async ({ db }) => {
  const chats = Array.from({ length: 8 }, (_, at) => -1_000_000_000_100n - BigInt(at));
  for (const id of chats) await addChat(db, { id });
  const messages = Array.from({ length: 50 }, (_, at) =>
    message(BigInt(at + 1), { media: [document(BigInt(1000 + at)), photo(BigInt(2000 + at))] }),
  );
  const peers = Array.from({ length: 50 }, (_, at) => ({ ...peer, id: BigInt(at + 1) }));
  await Promise.all(
    chats.map((id, at) => {
      const turn = <T>(rows: readonly T[]) => (at % 2 ? [...rows].reverse() : rows);
      const fresh = turn(messages).map((it) => ({
        ...it,
        media: it.media.map((one) => ({ ...one, fileReference: Buffer.from(`of chat ${id}`) })),
      }));
      return storePage(
        db,
        page(id, fresh, { peers: turn(peers.map((it) => ({ ...it, name: `as chat ${id} sees it` }))) }),
      );
    }),
  );
  expect(await db.message.count()).toBe(400);
  expect(await db.messageMedia.count()).toBe(800);
});

describe('text that Postgres refuses', () => {
  const hostile = 'a\0b \uD83D lone \uDE00 😀 \u202Egpj.exe';
  const kept = 'a\uFFFDb \uFFFD lone \uFFFD 😀 \u202Egpj.exe';

  test('is stored, cleaned, as message, name and raw', async ({ db }) => {
    const clean = cleanText(hostile);
    expect(clean).toBe(kept);
    await storePage(
      db,
      page(
        chatId,
        [
          message(1n, {
            message: clean,
            fwdFromName: clean,
            raw: { text: clean },
            media: [document(32n, { name: clean })],
          }),
        ],
        {
          peers: [{ ...peer, name: clean }],
        },
      ),
    );
    const [stored] = await db.message.findMany();
    expect([stored!.message, stored!.fwdFromName, stored!.raw]).toEqual([kept, kept, { text: kept }]);
    expect((await findMedia(db, { kind: 'document', id: 32n }))!.name).toBe(kept);
    expect((await db.peer.findFirstOrThrow()).name).toBe(kept);
  });
});

describe('a fresh file reference', () => {
  const [ref, other] = [{ kind: 'photo', id: 31n } as const, { kind: 'photo', id: 33n } as const];
  const reference = async (db: BareDb, it: typeof ref | typeof other) =>
    Buffer.from((await findMedia(db, it))!.fileReference).toString();

  test('replaces an old one only for media that is not saved', async ({ db }) => {
    await storePage(db, page(chatId, [message(1n, { media: [photo(31n), photo(33n)] })]));
    const claimed = (await claimMedia(db, ref))!;
    await recordSaved(db, claimed, { fileName: '31.jpg', sha256: 'x', size: 1000n }, []);
    await releaseClaim(db, claimed);
    const again = [photo(31n), photo(33n)].map((it) => ({ ...it, fileReference: Buffer.from('second'), size: 5n }));
    await storePage(db, page(chatId, [message(2n, { media: again })]));
    expect(await reference(db, other)).toBe('first'); // young still
    await db.mediaAccess.updateMany({ data: { referenceAt: new Date(Date.now() - 660_000) } });
    await storePage(db, page(chatId, [message(2n, { media: again })]));
    expect(await reference(db, ref)).toBe('first');
    expect(await reference(db, other)).toBe('second');
    expect((await findMedia(db, other))!.size).toBe(1000n);
  });
});
