/** A folder that is not mounted, or belongs to another archive, is distinguished from an empty one: nothing starts on it. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PersonError } from '../errors/index.js';
import { expect, test as base } from 'vitest';
import { claimMediaFolder, holdsArchive } from './marker.js';

const [mine, other] = ['0b0e0a60-0000-4000-8000-000000000001', '0b0e0a60-0000-4000-8000-000000000002'];

const test = base.extend<{ media: string }>({
  media: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-media-'));
    await use(join(folder, 'media'));
    rmSync(folder, { recursive: true });
  },
});

test('a new archive creates a missing folder, and recognises it afterwards', async ({ media }) => {
  expect(await holdsArchive(media, mine)).toBe(false);
  await claimMediaFolder(media, mine, false);
  expect(await holdsArchive(media, mine)).toBe(true);
  await claimMediaFolder(media, mine, true);
  expect(readdirSync(media)).toEqual(['.tgsync-archive']);
});

test('an archive with saved files does not start without its marker, and creates nothing', async ({ media }) => {
  await expect(claimMediaFolder(media, mine, true)).rejects.toThrow(/mounted/);
  mkdirSync(media);
  await expect(claimMediaFolder(media, mine, true)).rejects.toThrow(PersonError);
  expect(readdirSync(media)).toEqual([]);
});

test("another archive's folder is refused, with and without saved files", async ({ media }) => {
  await claimMediaFolder(media, other, false);
  for (const hasFiles of [true, false])
    await expect(claimMediaFolder(media, mine, hasFiles)).rejects.toThrow(/belongs to a different archive/);
  await expect(holdsArchive(media, mine)).rejects.toThrow(PersonError);
  expect(readFileSync(join(media, '.tgsync-archive'), 'utf8').trim()).toBe(other);
});

test('a new archive does not take a folder that contains files of another one', async ({ media }) => {
  mkdirSync(join(media, 'photo-by-id'), { recursive: true });
  await expect(claimMediaFolder(media, mine, false)).rejects.toThrow(/another archive/);
  expect(readdirSync(media)).toEqual(['photo-by-id']);
});

test('a folder with a file of the person is fine', async ({ media }) => {
  mkdirSync(media);
  writeFileSync(join(media, 'notes.txt'), '');
  await claimMediaFolder(media, mine, false);
  expect(await holdsArchive(media, mine)).toBe(true);
});

test('workers that start at once agree', async ({ media }) => {
  for (let round = 0; round < 10; round++) {
    const folder = join(media, `${round}`);
    const begin = async () => {
      await claimMediaFolder(folder, mine, false);
      mkdirSync(join(folder, 'photo-by-id'), { recursive: true }); // as a worker does next
    };
    await Promise.all(Array.from({ length: 8 }, begin));
    expect(readdirSync(folder).sort()).toEqual(['.tgsync-archive', 'photo-by-id']);
  }
});

test('of two archives that start at once, one gets the folder', async ({ media }) => {
  const results = await Promise.allSettled([mine, other].map((id) => claimMediaFolder(media, id, false)));
  expect(results.map((it) => it.status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('anything but a regular file as the marker is reported, and neither followed nor waited for', async ({
  media,
}) => {
  await claimMediaFolder(media, mine, false);
  const marker = join(media, '.tgsync-archive');
  renameSync(marker, join(media, 'kept'));
  const planted: [string, () => void][] = [
    ['a symbolic link', () => symlinkSync('kept', marker)],
    ['a named pipe', () => execFileSync('mkfifo', [marker])],
    ['a folder', () => mkdirSync(marker)],
  ];
  for (const [what, plant] of planted) {
    plant();
    const told = new PersonError(
      `${marker} is ${what} instead of a regular file. Put the marker file itself there; links are not followed.`,
    );
    await expect(holdsArchive(media, mine)).rejects.toThrow(told);
    await expect(claimMediaFolder(media, mine, false)).rejects.toThrow(told);
    rmSync(marker, { recursive: true });
  }
});

test('a file with the name of the folder, or above it, is reported with the remedy', async ({ media }) => {
  writeFileSync(media, '');
  const told = async (folder: string) => {
    const error: unknown = await claimMediaFolder(folder, mine, false).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(PersonError);
    return (error as Error).message;
  };
  expect(await told(media)).toBe(
    `Cannot create the media folder ${media}: something that is not a folder has this name: move it away.`,
  );
  expect(await told(join(media, 'below'))).toContain('a parent folder is a file or a broken symbolic link');
  const dangling = join(dirname(media), 'dangling');
  symlinkSync('nowhere/at/all', dangling);
  expect(await told(join(dangling, 'media'))).toContain('a broken symbolic link');
});
