/** One worker at a time has a media; what a worker records after losing its claim does not count. */
import {
  claimMedia,
  findMedia,
  type MediaRef,
  owedMedia,
  pendingLinks,
  recordFailure,
  makePending,
  markLinks,
  recordLinks,
  recordSaved,
  releaseClaim,
  renewClaim,
  resetFailed,
  storePage,
  type Tx,
} from '@tgsync/shared/db';
import { type BareDb, inTransaction } from '@tgsync/shared/db/bare';
import { describe, expect, expectTypeOf, vi } from 'vitest';
import { patience, test as base } from '@tgsync/testing';
import { addChat, document, message, page, photo } from '@tgsync/testing/pages';

const [chatId, unwanted] = [-1_000_000_000_001n, -1_000_000_000_002n];
const ref = { kind: 'photo', id: 31n } as const;
const doc = { kind: 'document', id: 32n } as const;
const file = { fileName: '31.jpg', sha256: 'abc', size: 1000n };

const test = base.extend<{ chats: undefined }>({
  chats: [
    async ({ db }, use) => {
      await addChat(db, { id: chatId, title: 'News', wanted: true });
      await addChat(db, { id: unwanted, title: 'Old' });
      await storePage(db, page(chatId, [message(1n, { media: [photo(31n), document(32n)] }), message(2n)]));
      await use(undefined);
    },
    { auto: true },
  ],
});

/** As if the claim had lapsed. */
const lapse = (db: BareDb) => db.photo.update({ where: { id: ref.id }, data: { claimedUntil: new Date(0) } });
const owed = async (db: BareDb, after?: MediaRef, limit = 100): Promise<MediaRef[]> =>
  (await owedMedia(db, after ? [{ chatId, ...after }] : [], limit)).flatMap(({ kind, id }) =>
    kind ? [{ kind, id }] : [],
  );
const linked = async (db: BareDb) =>
  (await db.message.findMany({ orderBy: { id: 'asc' } })).map((it) => [it.id, it.linked] as const);

describe('a claim', () => {
  test('goes to one of many who ask at once, until it is released', async ({ db }) => {
    const got = await Promise.all(Array.from({ length: 12 }, () => claimMedia(db, ref)));
    const [mine, ...more] = got.filter((it) => it !== undefined);
    expect(more).toEqual([]);
    expect(await renewClaim(db, mine!)).toBe(true);
    expect(await claimMedia(db, ref)).toBeUndefined();
    await releaseClaim(db, mine!);
    expect((await claimMedia(db, ref))!.claim).toBe(mine!.claim + 1n);
    expect(await claimMedia(db, { kind: 'photo', id: 404n })).toBeUndefined();
  });

  test('that lapsed goes to the next worker; the first can no longer renew, release, record or fail', async ({
    db,
  }) => {
    const first = (await claimMedia(db, ref))!;
    await lapse(db);
    const second = (await claimMedia(db, ref))!;
    expect(await renewClaim(db, first)).toBe(false);
    await releaseClaim(db, first);
    expect(await claimMedia(db, ref)).toBeUndefined();
    expect(await recordSaved(db, first, file, await pendingLinks(db, ref))).toBe(false);
    await recordFailure(db, first, 'too late', true);
    expect(await findMedia(db, ref)).toMatchObject({ state: 'owed', attempts: 0, fileName: null, reason: null });
    expect(await pendingLinks(db, ref)).toHaveLength(1);
    expect(await recordSaved(db, second, file, await pendingLinks(db, ref))).toBe(true);
    expect(await findMedia(db, ref)).toMatchObject({ state: 'saved', fileName: '31.jpg', sha256: 'abc' });
  });

  test('that lapsed but was not taken can be renewed', async ({ db }) => {
    const mine = (await claimMedia(db, ref))!;
    await lapse(db);
    expect(await renewClaim(db, mine)).toBe(true);
    expect(await claimMedia(db, ref)).toBeUndefined();
  });
});

describe('message.linked', () => {
  test('is true even if two media of a message are linked at the same time', async ({ db }) => {
    const linksOf = (media: MediaRef) => [{ chatId, messageId: 1n, ...media }];
    let isDone = false;
    let other: Promise<void> = Promise.resolve();
    await inTransaction(db, async (one) => {
      await markLinks(one, linksOf(ref), 'linked');
      other = inTransaction(db, (two) => markLinks(two, linksOf(doc), 'linked')).then(() => void (isDone = true));
      const waiting = async () => (await db.$queryRaw<unknown[]>`SELECT 1 FROM pg_locks WHERE NOT granted`).length > 0;
      await vi.waitUntil(async () => isDone || (await waiting()), patience);
    });
    await other;
    expect(await linked(db)).toEqual([
      [1n, true],
      [2n, true],
    ]);
  });

  test('is recorded all or nothing: that needs a transaction, and a plain database is rejected by the types', () => {
    expectTypeOf<Parameters<typeof markLinks>[0]>().toEqualTypeOf<Tx>();
    expectTypeOf<BareDb>().not.toExtend<Tx>();
    expectTypeOf<Tx>().not.toExtend<BareDb>();
  });

  /** The connection breaks, for example, after the link was written and before the message. */
  async function whileMessagesRefuse(db: BareDb, work: () => Promise<void>): Promise<void> {
    await db.$executeRaw`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'cut off'; END $$`;
    await db.$executeRaw`CREATE TRIGGER refuse BEFORE UPDATE ON message EXECUTE FUNCTION refuse()`;
    await expect(work()).rejects.toThrow('cut off');
    await db.$executeRaw`DROP TRIGGER refuse ON message`;
  }

  test('does not stay false after a link was recorded only in part', async ({ db }) => {
    const links = await pendingLinks(db, ref);
    await whileMessagesRefuse(db, () => recordLinks(db, ref, links, 'linked'));
    expect(await pendingLinks(db, ref)).toEqual(links);
    await recordLinks(db, ref, links, 'linked');
    await recordLinks(db, doc, await pendingLinks(db, doc), 'linked');
    await whileMessagesRefuse(db, () => makePending(db, [{ ...ref, ...links[0]! }]));
    expect(await pendingLinks(db, ref)).toEqual([]);
    expect(await linked(db)).toEqual([
      [1n, true],
      [2n, true],
    ]);
  });

  test('becomes true once the last media of a message is linked or deliberately absent', async ({ db }) => {
    await recordSaved(db, (await claimMedia(db, ref))!, file, await pendingLinks(db, ref));
    expect(await linked(db)).toEqual([
      [1n, false],
      [2n, true],
    ]);
    await recordLinks(db, doc, await pendingLinks(db, doc), 'absent');
    expect(await linked(db)).toEqual([
      [1n, true],
      [2n, true],
    ]);
    expect(await db.messageMedia.findMany({ orderBy: { kind: 'asc' } })).toMatchObject([
      { kind: 'document', link: 'absent' },
      { kind: 'photo', link: 'linked' },
    ]);
  });

  test('of a message that arrived during the download waits for its own link', async ({ db }) => {
    const claimed = (await claimMedia(db, ref))!;
    const links = await pendingLinks(db, ref);
    await storePage(db, page(chatId, [message(9n, { media: [photo(31n)] })]));
    await recordSaved(db, claimed, file, links);
    expect(await db.message.findFirst({ where: { id: 9n } })).toMatchObject({ linked: false });
    expect(await pendingLinks(db, ref)).toMatchObject([{ messageId: 9n }]);
    await recordLinks(db, ref, await pendingLinks(db, ref), 'linked');
    expect(await db.message.findFirst({ where: { id: 9n } })).toMatchObject({ linked: true });
  });
});

describe('owed media', () => {
  test('are returned by id and kind, each once, after a given one, for wanted chats only', async ({ db }) => {
    await storePage(db, page(unwanted, [message(1n, { media: [photo(99n), photo(35n)] })]));
    await storePage(db, page(chatId, [message(3n, { media: [photo(35n), photo(31n), document(40n), document(5n)] })]));
    const all: MediaRef[] = [
      { kind: 'document', id: 5n },
      { kind: 'photo', id: 31n },
      { kind: 'document', id: 32n },
      { kind: 'photo', id: 35n },
      { kind: 'document', id: 40n },
    ];
    expect(await owed(db)).toEqual(all);
    for (let at = 0, after: MediaRef | undefined; at < all.length; at += 2) {
      const some = await owed(db, after, 2);
      expect(some).toEqual(all.slice(at, at + 2));
      after = some.at(-1);
    }
    expect(await owed(db, all.at(-1), 100)).toEqual([]);
  });

  test('include saved ones with a missing link, but not those that are complete, failed or gone', async ({ db }) => {
    await recordSaved(db, (await claimMedia(db, ref))!, file, await pendingLinks(db, ref));
    expect(await owed(db)).toEqual([doc]);
    await storePage(db, page(chatId, [message(3n, { media: [photo(31n)] })]));
    expect(await owed(db)).toEqual([ref, doc]);

    await recordFailure(db, (await claimMedia(db, doc))!, 'truncated', false);
    expect(await owed(db)).toEqual([ref, doc]);
    await recordFailure(db, (await claimMedia(db, doc))!, 'truncated again', true);
    expect(await findMedia(db, doc)).toMatchObject({ state: 'failed', attempts: 2, reason: 'truncated again' });
    expect(await owed(db)).toEqual([ref]);
    expect(await storePage(db, page(chatId, [message(4n, { media: [document(32n)] })]))).toEqual([]);

    await resetFailed(db, doc);
    expect(await owed(db)).toEqual([ref, doc]);
  });
});
