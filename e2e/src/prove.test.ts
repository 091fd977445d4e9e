/** prove.test.ts: a byte corrupted during the download, or before the file's own hash was recorded, is found only by Telegram's hashes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@tgsync/testing';
import { expect } from 'vitest';
import { tgsync } from './command-line.js';
import { expectWhole } from './whole.js';

test(
  'verify --server finds a small file with a wrong byte; repair downloads it again',
  { tags: 'thorough' },
  async ({ world, archive, fleet, db }) => {
    const chat = world.addChannel({ title: 'News' });
    const documents = Array.from({ length: 6 }, (_, nth) =>
      world.addDocument({ dc: nth % 2 ? 2 : 4, size: 40_000 + nth, name: `${nth}.bin` }),
    );
    for (const document of documents) chat.addMessage({ text: 'file', document });
    chat.addMessage({ text: 'photo', photo: world.addPhoto({ dc: 2, size: 30_000 }) });
    archive.configure({ [chat.id.toString()]: {} }, { download: { check_hashes: 'never' } });
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);

    // As if the bytes had been wrong before they were hashed.
    const corrupted = documents[3]!;
    const path = join(archive.env.media, 'documents-by-id', `${corrupted.id}.bin`);
    const bytes = readFileSync(path);
    bytes[20_000]! ^= 1;
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await db.document.update({ where: { id: corrupted.id }, data: { sha256 } });
    expect((await tgsync(archive.env, ['verify', '--deep', '--offline'])).code).toBe(0);

    rmSync(join(archive.env.media, 'documents-by-id', `${documents[5]!.id}.bin`)); // deleted, but not noticed yet

    const alone = await tgsync(archive.env, ['verify', '--server', '--offline', '--patience', '2']);
    expect(alone.stdout).toMatch(/7 files were not compared. Is a media worker running/);
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    const found = await tgsync(archive.env, ['verify', '--server', '--offline']);
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/wrong +1 +file that differs from Telegram's/);
    expect(found.stdout).toContain(path);
    await fleet.until((it) => it.level === 'error' && it.path === path);
    expect(await db.document.count({ where: { provenAt: null } })).toBe(0);

    expect((await tgsync(archive.env, ['repair'])).code).toBe(0);
    await fleet.stop();
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    expect((await tgsync(archive.env, ['repair', '--restore-deleted'])).stdout).toMatch(/^1 files are owed again/);
    expect(await fleet.runOnce(), fleet.troubles()).toBe(0);
    await expectWhole(world, archive, db);
    expect(readdirSync(join(archive.env.media, '.damaged'))).toEqual([`document-${corrupted.id}.bin`]);
    fleet.start('fetch-worker');
    fleet.start('media-worker');
    expect((await tgsync(archive.env, ['verify', '--server', '--fresh', '--offline'])).code).toBe(0);
    expect(await db.document.count({ where: { provenAt: null } })).toBe(0);
  },
);
