/** What killed workers left goes when nobody needs it; parts of what is still owed, and what is not ours, stay. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimMedia } from '@tgsync/shared/db';
import { test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { removeLeftovers } from './leftovers.js';

const test = base.extend<{ folders: { media: string; temp: string } }>({
  folders: async ({ db }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tgsync-leftovers-'));
    const folders = { media: join(folder, 'media'), temp: join(folder, 'temp') };
    mkdirSync(join(folders.media, '.incoming'), { recursive: true });
    mkdirSync(folders.temp);
    const asSent = { dcId: 2, accessHash: 1n, fileReference: Buffer.from('r'), size: 3n };
    for (const [id, state] of [
      [1n, 'saved'],
      [2n, 'owed'],
      [3n, 'gone'],
      [4n, 'failed'],
    ] as const)
      await db.document.create({ data: { id, ...asSent, state, saved: state === 'saved' } });
    await use(folders);
    rmSync(folder, { recursive: true });
  },
});

test('leftovers of saved and gone media go', async ({ db, folders }) => {
  for (const id of [1, 2, 3, 4, 5]) {
    for (const ending of ['part', 'part.json']) writeFileSync(join(folders.temp, `document-${id}.${ending}`), 'x');
    writeFileSync(join(folders.media, '.incoming', `document-${id}.bin.copy`), 'x');
  }
  writeFileSync(join(folders.temp, 'my notes.txt'), 'x');
  expect(await removeLeftovers(db, folders)).toBe(6);
  expect(readdirSync(folders.temp).filter((it) => !it.endsWith('.json'))).toEqual([
    'document-2.part',
    'document-4.part',
    'document-5.part',
    'my notes.txt',
  ]);
  expect(readdirSync(join(folders.media, '.incoming')).length).toBe(3);
  expect(await claimMedia(db, { kind: 'document', id: 2n })).toBeDefined(); // not kept
});

test('what a worker is at is left alone', async ({ db, folders }) => {
  writeFileSync(join(folders.temp, 'document-1.part'), 'x');
  await claimMedia(db, { kind: 'document', id: 1n });
  expect(await removeLeftovers(db, folders)).toBe(0);
  expect(readdirSync(folders.temp)).toEqual(['document-1.part']);
});

test('a probe goes when it is old', async ({ db, folders }) => {
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
