/** Our own links and files are removed; what a person put in their place, and what is not mounted, is not touched. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { claimMediaFolder } from './marker.js';
import { removeFromRepo, removeLink } from './remove-link.js';

const archiveId = '00000000-0000-4000-8000-000000000001';
const bytes = Buffer.from('a photo');
const file = {
  kind: 'photo' as const,
  fileName: '31.jpg',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  size: BigInt(bytes.length),
};

const test = base.extend<{ media: string }>({
  media: async ({}, use) => {
    const media = mkdtempSync(join(tmpdir(), 'tgsync-remove-'));
    await claimMediaFolder(media, archiveId, false);
    for (const it of ['photo-by-id', '5', 'News/2026']) mkdirSync(join(media, it), { recursive: true });
    writeFileSync(join(media, 'photo-by-id/31.jpg'), bytes);
    await use(media);
    rmSync(media, { recursive: true });
  },
});

test('a hard link, a symbolic one and a copy are removed, and the file stays', async ({ media }) => {
  const repo = join(media, 'photo-by-id/31.jpg');
  linkSync(repo, join(media, '5/1_31.jpg'));
  symlinkSync('../photo-by-id/31.jpg', join(media, '5/2_31.jpg'));
  copyFileSync(repo, join(media, 'News/2026/3_31.jpg'));
  const where = { media, archiveId };
  await removeLink(where, file, { chatId: 5n, name: '1_31.jpg' });
  await removeLink(where, file, { chatId: 5n, name: '2_31.jpg' });
  await removeLink(where, file, { chatId: 5n, folder: 'News/2026', name: '3_31.jpg' });
  for (const it of ['5/1_31.jpg', '5/2_31.jpg', 'News/2026/3_31.jpg'])
    expect(existsSync(join(media, it)), it).toBe(false);
  expect(existsSync(repo)).toBe(true);
  await removeLink(where, file, { chatId: 5n, name: '1_31.jpg' }); // once more
  await removeLink(where, file, { chatId: 6n, name: '1_31.jpg' });
});

test('what is not ours stays', async ({ media }) => {
  const where = { media, archiveId };
  writeFileSync(join(media, '5/1_31.jpg'), 'my photo');
  symlinkSync('../elsewhere.jpg', join(media, '5/2_31.jpg'));
  mkdirSync(join(media, '5/3_31.jpg'));
  writeFileSync(join(media, '5/4_31.jpg'), 'another'); // of the same size
  for (const id of [1, 2, 3, 4]) await removeLink(where, file, { chatId: 5n, name: `${id}_31.jpg` });
  expect(readdirSync(join(media, '5'))).toHaveLength(4);
});

test('a file of a repo is removed by its bytes, and nothing where the folder is not mounted', async ({ media }) => {
  const where = { media, archiveId };
  const repo = join(media, 'photo-by-id/31.jpg');
  await removeFromRepo(where, { ...file, sha256: 'f'.repeat(64) });
  expect(existsSync(repo)).toBe(true);
  await expect(removeFromRepo({ media, archiveId: 'another' }, file)).rejects.toThrow('belongs to a different archive');
  expect(existsSync(repo)).toBe(true);
  await removeFromRepo(where, file);
  expect(existsSync(repo)).toBe(false);
});
