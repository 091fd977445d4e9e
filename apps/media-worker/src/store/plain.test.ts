/** A symbolic link that somebody put into /media or /temp is never followed: what it leads to is neither read nor written. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PersonError } from '@tgsync/shared/errors';
import { claimMediaFolder, showInChat } from '@tgsync/shared/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MediaStore } from './media-store.js';
import { PartFile } from './part-file.js';
import { partSize } from './parts.js';

const archive = '0b0e0a60-0000-4000-8000-000000000001';
let folder: string;
let [media, temp, elsewhere, precious] = ['', '', '', ''];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tgsync-plain-'));
  [media, temp, elsewhere] = [join(folder, 'media'), join(folder, 'temp'), join(folder, 'elsewhere')];
  mkdirSync(elsewhere);
  precious = join(elsewhere, 'precious');
  writeFileSync(precious, 'do not touch');
  await claimMediaFolder(media, archive, false);
});
afterEach(() => rmSync(folder, { recursive: true }));

const untouched = () => expect(readFileSync(precious, 'utf8')).toBe('do not touch');

test.each(['photo-by-id', 'documents-by-id', '.incoming'])('%s is refused when it leads elsewhere', async (name) => {
  symlinkSync(elsewhere, join(media, name));
  await expect(new MediaStore(media, archive).prepare(temp)).rejects.toThrow(PersonError);
});

test('the folder of a chat is refused when it leads elsewhere', async () => {
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  symlinkSync(elsewhere, join(media, '5'));
  writeFileSync(join(media, '.incoming', 'document-1.bin'), 'new');
  const source = join(media, '.incoming', 'document-1.bin');
  const places = { media, source, repo: join(media, 'documents-by-id', '1.bin') };
  await expect(showInChat('hard', places, { chatId: 5n, name: '7 a.bin' })).rejects.toThrow('Links are not followed');
  expect(() => lstatSync(join(elsewhere, '7 a.bin'))).toThrow('ENOENT');
});

test('parts and their record are new files in the place of links', async () => {
  mkdirSync(temp);
  symlinkSync(precious, join(temp, 'document-1.part'));
  symlinkSync(precious, join(temp, 'document-1.part.json'));
  symlinkSync(precious, join(temp, 'document-1.part.json.new'));
  const file = await PartFile.open(temp, 'document-1', partSize + 1);
  await file.write({ index: 1, offset: partSize, length: 1 }, Buffer.from('x'));
  await file.pause();
  untouched();
  expect(lstatSync(join(temp, 'document-1.part')).isFile()).toBe(true);
  expect(lstatSync(join(temp, 'document-1.part.json')).isFile()).toBe(true);
});

test('a whole file that is only a link is not taken for one', async () => {
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  symlinkSync(precious, join(media, '.incoming', 'document-1.bin'));
  expect(await store.findWhole('document', '1.bin', 12n)).toBeUndefined();
  mkdirSync(temp, { recursive: true });
  writeFileSync(join(temp, 'document-1.part'), 'whole');
  const taken = await store.takeIn(join(temp, 'document-1.part'), 'document', '1.bin');
  expect(lstatSync(taken).isFile()).toBe(true);
  untouched();
});

test('media.link "none": the repo alone has the file', async () => {
  const store = new MediaStore(media, archive, () => 'none');
  await store.prepare(temp);
  writeFileSync(join(media, '.incoming', 'document-1.bin'), 'new');
  await store.place(join(media, '.incoming', 'document-1.bin'), 'document', '1.bin', [{ chatId: 5n, name: '7 a.bin' }]);
  expect(readdirSync(media).sort()).toEqual(['.incoming', '.tgsync-archive', 'documents-by-id', 'photo-by-id']);
  expect(readFileSync(join(media, 'documents-by-id', '1.bin'), 'utf8')).toBe('new');
});

test.each(['hard', 'copy', 'symlink'] as const)('%s: a link that stands under the name is replaced', async (mode) => {
  const store = new MediaStore(media, archive, () => mode);
  await store.prepare(temp);
  mkdirSync(join(media, '5'));
  symlinkSync(precious, join(media, '5', '7 a.bin'));
  writeFileSync(join(media, '.incoming', 'document-1.bin'), 'new');
  await store.place(join(media, '.incoming', 'document-1.bin'), 'document', '1.bin', [{ chatId: 5n, name: '7 a.bin' }]);
  expect(readFileSync(join(media, '5', '7 a.bin'), 'utf8')).toBe('new');
  untouched();
});
