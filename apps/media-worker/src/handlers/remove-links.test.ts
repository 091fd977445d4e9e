/** Links and files whose messages went are removed, wherever an earlier run was killed, unless a message holds the media again. */
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@tgsync/shared/app';
import { claimMedia, giveUpFile, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { JobContext } from '@tgsync/shared/jobs';
import { claimMediaFolder } from '@tgsync/shared/store';
import { test as base } from '@tgsync/testing';
import { addChat, addDocument, document, message, page } from '@tgsync/testing/pages';
import { expect } from 'vitest';
import { removeLinks } from './remove-links.js';

const news = -1_000_000_000_001n;
const archiveId = '00000000-0000-4000-8000-000000000001';
const ref = { kind: 'document', id: 31n } as const;
const bytes = Buffer.from('abc');
const context = { log: createLogger('test', 'silent'), signal: new AbortController().signal } as JobContext;

/** A saved document with one link, whose message went. */
const test = base.extend<{ media: string; remove: () => Promise<void> }>({
  media: async ({ db }, use) => {
    const media = mkdtempSync(join(tmpdir(), 'tgsync-unlink-'));
    await claimMediaFolder(media, archiveId, false);
    for (const it of ['documents-by-id', `${news}`]) mkdirSync(join(media, it));
    writeFileSync(join(media, 'documents-by-id/31.txt'), bytes);
    linkSync(join(media, 'documents-by-id/31.txt'), join(media, `${news}/1 a.txt`));
    await addChat(db, { id: news, wanted: true, state: 'ok' });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await addDocument(db, { id: ref.id, saved: true, state: 'saved', fileName: '31.txt', sha256 });
    await use(media);
    rmSync(media, { recursive: true });
  },
  remove: async ({ db, media }, use) => {
    const handle = removeLinks({ db, where: { media, archiveId } });
    await use(() => handle(ref, context));
  },
});

const note = (db: BareDb, more: { withFile?: boolean; name?: string | null } = {}) =>
  db.unlinking.create({
    data: { kind: 'document', mediaId: 31n, chatId: news, messageId: 1n, name: '1 a.txt', withFile: false, ...more },
  });
const linkOf = (media: string) => join(media, `${news}/1 a.txt`);
const repoOf = (media: string) => join(media, 'documents-by-id/31.txt');
const holdAgain = (db: BareDb) => storePage(db, page(news, [message(2n, { media: [document(31n)] })]));

test('a link is removed, and the file stays', async ({ db, media, remove }) => {
  await note(db);
  await remove();
  expect([existsSync(linkOf(media)), existsSync(repoOf(media))]).toEqual([false, true]);
  expect(await db.unlinking.count()).toBe(0);
  expect(await db.document.findFirst()).toMatchObject({ state: 'saved', saved: true });
});

test('a file that nobody holds goes as well, and nothing of it is remembered', async ({ db, media, remove }) => {
  await note(db, { withFile: true });
  await remove();
  expect([existsSync(linkOf(media)), existsSync(repoOf(media))]).toEqual([false, false]);
  expect([await db.document.count(), await db.mediaAccess.count(), await db.unlinking.count()]).toEqual([0, 0, 0]);
});

test('a file that another message holds stays', async ({ db, media, remove }) => {
  await note(db, { withFile: true });
  await holdAgain(db);
  await remove();
  expect([existsSync(linkOf(media)), existsSync(repoOf(media))]).toEqual([false, true]);
  expect(await db.document.findFirst()).toMatchObject({ state: 'saved' });
});

test('a file that the person deleted is remembered', async ({ db, media, remove }) => {
  await note(db, { withFile: true });
  rmSync(repoOf(media));
  await remove();
  expect(await db.unlinking.count()).toBe(0);
  expect(await db.document.findFirst()).toMatchObject({ state: 'saved' });
});

for (const isRemoved of [false, true])
  test(`killed after the file was given up${isRemoved ? ' and removed' : ''}: the next run goes on`, async ({
    db,
    media,
    remove,
  }) => {
    await note(db, { withFile: true });
    const claimed = (await claimMedia(db, ref))!;
    expect(await giveUpFile(db, claimed)).toBe(true);
    if (isRemoved) rmSync(repoOf(media));
    await db.document.updateMany({ data: { claimedUntil: new Date(0) } }); // the claim has lapsed
    await remove();
    expect(existsSync(repoOf(media))).toBe(false);
    expect([await db.document.count(), await db.unlinking.count()]).toEqual([0, 0]);
  });

test('killed after the file was given up, and a message came that holds it: it is owed, and not deleted by anybody', async ({
  db,
  media,
  remove,
}) => {
  await note(db, { withFile: true });
  expect(await giveUpFile(db, (await claimMedia(db, ref))!)).toBe(true);
  await db.document.updateMany({ data: { claimedUntil: new Date(0) } });
  await holdAgain(db);
  await remove();
  expect(existsSync(repoOf(media))).toBe(true); // the download finds it by its hash
  expect(await db.document.findFirst()).toMatchObject({ state: 'owed', deletedAt: null });
  expect(await db.messageMedia.findFirst()).toMatchObject({ owed: 'file' });
});

test('killed as it was about to say so: what is forgotten has no links left', async ({ db, media, remove }) => {
  await note(db, { withFile: true });
  await db.$executeRawUnsafe(`CREATE FUNCTION killed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'killed'; END $$`);
  await db.$executeRawUnsafe('CREATE TRIGGER killed BEFORE DELETE ON unlinking EXECUTE FUNCTION killed()');
  await remove();
  await db.$executeRawUnsafe('DROP TRIGGER killed ON unlinking');
  await remove();
  expect([existsSync(linkOf(media)), existsSync(repoOf(media))]).toEqual([false, false]);
  expect([await db.document.count(), await db.unlinking.count()]).toEqual([0, 0]);
});

test('a link that is noted meanwhile is removed before its media is forgotten', async ({ db, media, remove }) => {
  await note(db, { withFile: true });
  writeFileSync(join(media, `${news}/2 b.txt`), bytes);
  await db.$executeRawUnsafe(`CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO unlinking (kind, media_id, chat_id, message_id, name, with_file) VALUES ('document', 31, ${news}, 2, '2 b.txt', true);
      RETURN NEW;
    END $$`);
  await db.$executeRawUnsafe(
    `CREATE TRIGGER meanwhile BEFORE UPDATE ON document FOR EACH ROW WHEN (NEW.state = 'gone' AND OLD.state = 'saved') EXECUTE FUNCTION meanwhile()`,
  );
  await remove();
  expect(await db.unlinking.count()).toBe(1);
  await remove();
  expect(existsSync(join(media, `${news}/2 b.txt`))).toBe(false);
  expect([await db.document.count(), await db.unlinking.count()]).toEqual([0, 0]);
});

test('nothing happens while another worker has the media', async ({ db, media, remove }) => {
  await note(db);
  await claimMedia(db, ref);
  await remove();
  expect(existsSync(linkOf(media))).toBe(true);
  expect(await db.unlinking.count()).toBe(1);
});

test('where the media folder is not mounted it is retried later', async ({ db, media, remove }) => {
  await note(db);
  rmSync(join(media, '.tgsync-archive'));
  await remove();
  expect(existsSync(linkOf(media))).toBe(true);
  expect((await db.unlinking.findFirst())?.retryAt?.getTime()).toBeGreaterThan(Date.now());
});
