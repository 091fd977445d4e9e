/** gone-files.test.ts: if many files disappear at once, the person is asked, and nothing is concluded until they answer. */
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@tgsync/testing';
import { expect } from 'vitest';
import { tgsync } from './command-line.js';
import { expectWhole } from './whole.js';

const marker = '.tgsync-archive';

test(
  'an emptied media folder raises a question; whether accepted, restored or put back, work continues',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const [news, talk] = [world.addChannel({ title: 'News' }), world.addSupergroup({ title: 'Talk' })];
    const documents = Array.from({ length: 30 }, (_, nth) =>
      world.addDocument({ dc: 2, size: 3000 + nth, name: `${nth}.bin` }),
    );
    for (const document of documents) news.addMessage({ text: 'file', document });
    for (let nth = 0; nth < 3; nth++)
      talk.addMessage({ text: 'photo', photo: world.addPhoto({ dc: 4, size: 20_000 }) });
    archive.configure({ [news.id.toString()]: {}, [talk.id.toString()]: {} });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    const { media } = archive.env;
    const away = `${media}.away`;
    renameSync(media, away);
    mkdirSync(media);
    cpSync(join(away, marker), join(media, marker));
    const verified = await tgsync(archive.env, ['verify', '--offline']);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(/30 of 30 files are missing from .*documents-by-id\. If you deleted them/);
    expect(verified.stdout).toMatch(/3 of 3 files are missing from .*photo-by-id\. If you deleted them/);
    expect(verified.stdout).not.toMatch(/deleted by you|file you deleted/);
    expect((await tgsync(archive.env, ['status'])).stdout).toMatch(/30 of 30 files are missing/);
    expect((await tgsync(archive.env, ['repair'])).code).toBe(1);

    // Nothing is concluded, and the rest works.
    const again = talk.addMessage({ text: 'again', document: documents[0]! });
    const other = world.addDocument({ dc: 2, size: 999, name: 'new.bin' });
    talk.addMessage({ text: 'new', document: other });
    expect(await fleet.runOnce()).toBe(1);
    expect(await db.messageMedia.findFirst({ where: { chatId: talk.id, messageId: again.id } })).toMatchObject({
      link: 'pending',
      linkReason: expect.stringMatching(/If you deleted them/),
    });
    expect(await db.document.findUnique({ where: { id: other.id } })).toMatchObject({ state: 'saved' });
    expect(await db.document.count({ where: { deletedAt: { not: null } } })).toBe(0);

    // It was intended.
    const dry = await tgsync(archive.env, ['repair', '--accept-deleted', '--dry-run']);
    expect(dry.stdout).toMatch(/33 files would be marked/);
    expect((await tgsync(archive.env, ['verify', '--offline'])).code).toBe(1);
    const accepted = await tgsync(archive.env, ['repair', '--accept-deleted']);
    expect(accepted).toMatchObject({ code: 0, stdout: expect.stringMatching(/33 files are marked as deleted by you/) });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    const row = await db.messageMedia.findFirst({ where: { chatId: talk.id, messageId: again.id } });
    expect(row).toMatchObject({ link: 'absent' });
    const whole = await tgsync(archive.env, ['verify', '--offline']);
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringMatching(/whole: .* 33 files were deleted by you/) });
    const { chats } = JSON.parse((await tgsync(archive.env, ['status', '--json'])).stdout);
    expect(chats.map((it: { mediaDeleted: number }) => it.mediaDeleted).sort()).toEqual([30, 4]);

    // It was a mistake: first for one chat, then for all.
    expect((await tgsync(archive.env, ['repair', '--restore-deleted', '5'])).code).toBe(1);
    const restored = await tgsync(archive.env, ['repair', '--restore-deleted', talk.id.toString()]);
    expect(restored.stdout).toMatch(/^4 files are owed again/);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect(readdirSync(join(media, 'documents-by-id'))).toHaveLength(2);
    expect((await tgsync(archive.env, ['repair', '--restore-deleted'])).stdout).toMatch(/files are owed again/);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);

    // Put back, everything is as before; a few missing files still count as deleted.
    const before = `${media}.before`;
    renameSync(media, before);
    mkdirSync(media);
    cpSync(join(before, marker), join(media, marker));
    expect((await tgsync(archive.env, ['verify', '--offline'])).code).toBe(1);
    rmSync(media, { recursive: true });
    renameSync(before, media);
    expect((await tgsync(archive.env, ['verify', '--offline'])).code).toBe(0);
    rmSync(join(media, 'documents-by-id', `${other.id}.bin`));
    const one = await tgsync(archive.env, ['verify', '--offline']);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 files were deleted by you/) });
  },
);

test('an archive without chats is empty, not complete', { tags: 'thorough' }, async ({ archive, fleet }) => {
  archive.configure({});
  expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
  expect((await tgsync(archive.env, ['verify', '--offline'])).stdout).toMatch(/^The archive is empty/);
});
