/** Rules decide when a message is stored; changed rules decide again what was skipped or is still to be made, and nothing else. */
import {
  applyRules,
  chatsToDecide,
  claimForAccount,
  claimMedia,
  findChat,
  owedMedia,
  recordLinks,
  recordSaved,
  recordSettings,
  storePage,
} from '@tgsync/shared/db';
import { parseConfig, settingsOf } from '@tgsync/shared/config';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { MediaRules } from '@tgsync/shared/rules';
import { expect } from 'vitest';
import { test as base } from '@tgsync/testing';
import { accountId, addChat, document, message, page, photo, wanted } from '@tgsync/testing/pages';

const news = -1_000_000_000_001n;
const settings = settingsOf(parseConfig('{ "tg": { "api_id": 1, "api_hash": "00112233445566778899aabbccddeeff" } }'));
const none: MediaRules = [{ takes: false, when: {} }];
const photos: MediaRules = [{ takes: true, when: { kind: ['photo'] } }];

const test = base.extend<{ configure: (rules: MediaRules) => Promise<void> }>({
  configure: async ({ db }, use) => {
    await claimForAccount(db, accountId, 1);
    await addChat(db, { id: news, state: 'ok' });
    await use(async (rules) => void (await recordSettings(db, settings, [wanted(news, { rules })])));
  },
});

const links = async (db: BareDb) =>
  Object.fromEntries(
    (await db.messageMedia.findMany({ where: { chatId: news }, orderBy: { mediaId: 'asc' } })).map((it) => [
      Number(it.mediaId),
      it.link,
    ]),
  );

async function applyAll(db: BareDb): Promise<number> {
  let changed = 0;
  for (let round = await applyRules(db, news); ; round = await applyRules(db, news, round.next)) {
    changed += round.taken + round.skipped;
    if (!round.next) return changed;
  }
}

test('a skipped media is stored with its rule, owed by nobody, and holds its message up in nothing', async ({
  db,
  configure,
}) => {
  await configure(photos);
  const waiting = await storePage(db, page(news, [message(1n, { media: [photo(1n), document(2n)] })]));
  await storePage(db, page(news, [message(2n, { media: [document(3n)] })]));
  expect(waiting).toEqual([{ kind: 'photo', id: 1n }]);
  expect(await links(db)).toEqual({ 1: 'pending', 2: 'skipped', 3: 'skipped' });
  expect(await db.messageMedia.findFirst({ where: { mediaId: 2n } })).toMatchObject({ rule: 'no rule takes it' });
  expect((await owedMedia(db, [], 10)).map((it) => it.id)).toEqual([1n]);
  expect((await db.message.findMany({ orderBy: { id: 'asc' } })).map((it) => it.linked)).toEqual([false, true]);
});

test('changed rules decide what was skipped and what is still to be made; what was linked or deleted stays', async ({
  db,
  configure,
}) => {
  await configure([]);
  const media = [photo(1n), photo(2n), photo(3n), document(4n), document(5n)];
  await storePage(db, page(news, [message(1n, { media }), message(2n, { media: [document(6n)] })]));
  const saved = (await claimMedia(db, { kind: 'photo', id: 1n }))!;
  await recordSaved(db, saved, { fileName: '1.jpg', sha256: 'x', size: 1n }, [{ chatId: news, messageId: 1n }]);
  await recordLinks(db, { kind: 'photo', id: 2n }, [{ chatId: news, messageId: 1n }], 'absent');
  await db.messageMedia.updateMany({ where: { mediaId: 5n }, data: { wasLinked: true } }); // a repair makes it again

  await configure(none);
  expect(await chatsToDecide(db)).toEqual([news]);
  expect(await applyAll(db)).toBe(3);
  expect(await links(db)).toEqual({ 1: 'linked', 2: 'absent', 3: 'skipped', 4: 'skipped', 5: 'pending', 6: 'skipped' });
  expect(await db.message.count({ where: { linked: true } })).toBe(1);
  expect(await chatsToDecide(db)).toEqual([]);

  await configure(photos);
  expect(await applyAll(db)).toBe(1);
  expect(await links(db)).toEqual({ 1: 'linked', 2: 'absent', 3: 'pending', 4: 'skipped', 5: 'pending', 6: 'skipped' });
  await configure(photos);
  expect(await chatsToDecide(db)).toEqual([]); // nothing has changed

  await configure([]);
  expect(await applyAll(db)).toBe(2);
  expect(await links(db)).toEqual({ 1: 'linked', 2: 'absent', 3: 'pending', 4: 'pending', 5: 'pending', 6: 'pending' });
  expect(await db.message.count({ where: { linked: true } })).toBe(0);
});

test('a link that is on disk when new rules skip it counts as made', async ({ db, configure }) => {
  await configure([]);
  await storePage(db, page(news, [message(1n, { media: [photo(1n)] })]));
  const media = (await claimMedia(db, { kind: 'photo', id: 1n }))!;
  await configure(none);
  await applyAll(db);
  const file = { fileName: '1.jpg', sha256: 'x', size: 1n };
  expect(await recordSaved(db, media, file, [{ chatId: news, messageId: 1n }])).toBe(true);
  expect(await db.messageMedia.findFirst()).toMatchObject({ link: 'linked', rule: null });
});

test('thousands of messages are decided in several calls; new rules in between begin the round again', async ({
  db,
  configure,
}) => {
  await configure(none);
  const ids = Array.from({ length: 2500 }, (_, index) => BigInt(index + 1));
  await storePage(
    db,
    page(
      news,
      ids.map((id) => message(id, { media: [id % 2n ? photo(id) : document(id)] })),
    ),
  );
  await configure([]);
  const first = await applyRules(db, news);
  expect(first).toMatchObject({ taken: 1000, skipped: 0 });
  await configure(photos);
  const again = await applyRules(db, news, first.next!);
  expect(again).toMatchObject({ taken: 0, skipped: 500 }); // from the beginning
  for (let { next } = again; next;) ({ next } = await applyRules(db, news, next));
  expect(await db.messageMedia.count({ where: { link: 'pending' } })).toBe(1250);
  expect(await db.messageMedia.count({ where: { link: 'pending', kind: 'document' } })).toBe(0);
  expect((await findChat(db, news))!.rulesApplied).toBe(true);
});

test('a page that was mapped before the rules changed is decided by those in force', async ({ db, configure }) => {
  await configure(none);
  await storePage(db, page(news, [message(1n, { media: [photo(1n)] })]));
  await configure(photos);
  await storePage(db, page(news, [message(2n, { media: [photo(2n), document(3n)] })]));
  expect(await links(db)).toEqual({ 1: 'skipped', 2: 'pending', 3: 'skipped' });
});

test('of documents that an earlier version stored, the message tells what they are', async ({ db, configure }) => {
  await configure(none);
  const attributes = [{ _: 'DocumentAttributeVideo', roundMessage: true }];
  const raw = { _: 'Message', media: { _: 'MessageMediaDocument', document: { _: 'Document', id: '2', attributes } } };
  await storePage(
    db,
    page(news, [message(1n, { raw, media: [document(2n)] }), message(2n, { media: [document(3n)] })]),
  );
  await db.document.updateMany({ data: { category: null } });
  await configure([{ takes: true, when: { kind: ['round'] } }]);
  await applyAll(db);
  expect(await links(db)).toEqual({ 2: 'pending', 3: 'skipped' });
});
