/** Parts are discarded in whatever form they are on disk, but never those of a running download. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimMedia } from '@tgsync/shared/db';
import { test as base } from '@tgsync/testing';
import { expect } from 'vitest';
import { giveBackParts } from '@tgsync/shared/media';
import { addDocument } from '@tgsync/testing/pages';

const bytes = 1024 ** 2;
const waiting = [{ media: { kind: 'document', id: 9n } as const, needs: 4 * bytes, hasParts: false }];

const test = base.extend<{ temp: string }>({
  temp: async ({ db }, use) => {
    const temp = mkdtempSync(join(tmpdir(), 'tgsync-give-back-'));
    for (const id of [1n, 2n, 3n]) await addDocument(db, { id, size: BigInt(4 * bytes) });
    const parts = Buffer.alloc(bytes, 'parts');
    writeFileSync(join(temp, 'document-1.part'), parts);
    writeFileSync(join(temp, 'document-1.part.json'), '{}');
    for (const name of ['document-2.4', 'document-2.5', 'document-3.1']) {
      mkdirSync(join(temp, name));
      writeFileSync(join(temp, name, 'bytes'), parts);
    }
    await use(temp);
    rmSync(temp, { recursive: true });
  },
});

test('of folders, also several of one media, and of the files of older versions', async ({ db, temp }) => {
  const given = await giveBackParts(db, temp, 0, waiting);
  expect(given.map((it) => it.id).sort()).toEqual([1n, 2n, 3n]);
  expect(readdirSync(temp)).toEqual([]);
});

test('none if all together would not be enough', async ({ db, temp }) => {
  expect(await giveBackParts(db, temp, -1, waiting)).toEqual([]);
  expect(readdirSync(temp)).toHaveLength(5);
});

test('those in use by a worker stay', async ({ db, temp }) => {
  await claimMedia(db, { kind: 'document', id: 2n });
  expect((await giveBackParts(db, temp, 0, waiting)).map((it) => it.id).sort()).toEqual([1n, 3n]);
  expect(readdirSync(temp)).toEqual(['document-2.4', 'document-2.5']);
});
