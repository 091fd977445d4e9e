/** Leftovers of killed workers are removed once nobody needs them; parts of owed media, and foreign files, stay. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimMedia } from '@tgsync/shared/db';
import { test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { removeLeftovers } from '@tgsync/shared/media';
import { addDocument } from '@tgsync/testing/pages';

const test = base.extend<{ folders: { media: string; temp: string } }>({
  folders: async ({ db }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-leftovers-'));
    const folders = { media: join(folder, 'media'), temp: join(folder, 'temp') };
    mkdirSync(join(folders.media, '.incoming'), { recursive: true });
    mkdirSync(folders.temp);
    for (const [id, state] of [
      [1n, 'saved'],
      [2n, 'owed'],
      [3n, 'gone'],
      [4n, 'failed'],
    ] as const)
      await addDocument(db, { id, state, saved: state === 'saved' });
    await use(folders);
    rmSync(folder, { recursive: true });
  },
});

/** An unfinished download. */
function leave(temp: string, name: string): void {
  mkdirSync(join(temp, name));
  for (const it of ['bytes', 'record', 'record.new']) writeFileSync(join(temp, name, it), 'x');
}

test('leftovers of saved and gone media are removed', async ({ db, folders }) => {
  for (const id of [1, 2, 3, 4, 5]) {
    for (const ending of ['part', 'part.json']) writeFileSync(join(folders.temp, `document-${id}.${ending}`), 'x');
    leave(folders.temp, `document-${id}.0`);
    writeFileSync(join(folders.media, '.incoming', `document-${id}-0.bin.copy`), 'x');
  }
  writeFileSync(join(folders.temp, 'my notes.txt'), 'x');
  expect(await removeLeftovers(db, folders)).toBe(8);
  expect(readdirSync(folders.temp).filter((it) => !it.endsWith('.json'))).toEqual([
    'document-2.0',
    'document-2.part',
    'document-4.0',
    'document-4.part',
    'document-5.0',
    'document-5.part',
    'my notes.txt',
  ]);
  expect(readdirSync(join(folders.media, '.incoming')).length).toBe(3);
  expect(await claimMedia(db, { kind: 'document', id: 2n })).toBeDefined(); // the claim was released
});

test('media in use by a worker are left alone', async ({ db, folders }) => {
  const { claim } = (await claimMedia(db, { kind: 'document', id: 1n }))!;
  const names = [`document-1.${claim}`, 'document-1.part'];
  writeFileSync(join(folders.temp, names[1]!), 'x');
  leave(folders.temp, names[0]!);
  expect(await removeLeftovers(db, folders)).toBe(0);
  expect(readdirSync(folders.temp)).toEqual(names);
});

test('a file of the person in the folder of a download stays, and so does the folder', async ({ db, folders }) => {
  leave(folders.temp, 'document-1.0');
  writeFileSync(join(folders.temp, 'document-1.0', 'my notes.txt'), 'x');
  expect(await removeLeftovers(db, folders)).toBe(0);
  expect(readdirSync(join(folders.temp, 'document-1.0'))).toEqual(['my notes.txt']);
});

test('an old probe is removed', async ({ db, folders }) => {
  for (const [name, age] of [
    ['.probe-old', 120],
    ['.probe-new', 0],
  ] as const) {
    const path = join(folders.temp, name);
    writeFileSync(path, '');
    utimesSync(path, Date.now() / 1000 - age, Date.now() / 1000 - age);
  }
  expect(await removeLeftovers(db, folders)).toBe(1);
  expect(readdirSync(folders.temp)).toEqual(['.probe-new']);
});
