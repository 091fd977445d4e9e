/** A symbolic link that somebody put into /media or /temp is never followed: what it leads to is neither read nor written. */
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
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
import { join } from 'node:path';
import { PermanentError, PersonError, RetryAfterError } from '../errors/index.js';
import { showInChat } from './chat-links.js';
import { claimMediaFolder } from './marker.js';
import { requirePlain } from './plain.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { discardParts } from './adopt-parts.js';
import { MediaStore } from './media-store.js';
import { PartFile } from './part-file.js';
import { partSize } from './parts.js';
import { heldAs, linkSaved, place } from './placing.js';

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

async function takeIn(store: MediaStore, path: string, fileName: string): Promise<string> {
  const handle = await requirePlain(path);
  try {
    return await store.takeIn({ path, handle }, heldAs(`document-${fileName.split('.')[0]}`), fileName);
  } finally {
    await handle.close();
  }
}

const untouched = () => expect(readFileSync(precious, 'utf8')).toBe('do not touch');

test.each(['photo-by-id', 'documents-by-id', '.incoming'])('%s is refused when it leads elsewhere', async (name) => {
  symlinkSync(elsewhere, join(media, name));
  await expect(new MediaStore(media, archive).prepare(temp)).rejects.toThrow(PersonError);
});

test('the folder of a chat that was removed a moment ago is made again', async () => {
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  const source = join(media, '.incoming', 'document-1.bin');
  writeFileSync(source, 'new');
  for (const name of ['1.bin', '2.bin']) {
    expect(await store.showNew(source, { chatId: 5n, name })).toBe(true);
    expect(readdirSync(join(media, '5'))).toEqual([name]);
    rmSync(join(media, '5'), { recursive: true });
  }
  rmSync(source);
  await expect(store.showNew(source, { chatId: 5n, name: '3.bin' })).rejects.toThrow('ENOENT');
});

test('the folder of a chat is refused when it leads elsewhere', async () => {
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  symlinkSync(elsewhere, join(media, '5'));
  writeFileSync(join(media, '.incoming', 'document-1.bin'), 'new');
  const source = join(media, '.incoming', 'document-1.bin');
  const places = { media, source, kind: 'document', fileName: '1.bin', claim: 1n };
  await expect(showInChat('hard', places, { chatId: 5n, name: '7 a.bin' })).rejects.toThrow('links are not followed');
  expect(() => lstatSync(join(elsewhere, '7 a.bin'))).toThrow('ENOENT');
});

const unfinished = ['bytes', 'record', 'record.new'];

test('parts and their record are new files in the place of links', async () => {
  const own = join(temp, 'document-1.1');
  mkdirSync(own, { recursive: true });
  for (const name of unfinished) symlinkSync(precious, join(own, name));
  const file = await PartFile.open(temp, heldAs('document-1'), partSize + 1, 'key');
  await file.write({ index: 1, offset: partSize, length: 1 }, Buffer.from('x'));
  await file.pause();
  untouched();
  expect(lstatSync(join(own, 'bytes')).isFile()).toBe(true);
  expect(lstatSync(join(own, 'record')).isFile()).toBe(true);
});

test('links in the place of unfinished downloads are not followed, not for their adoption either', async () => {
  mkdirSync(temp);
  for (const name of unfinished) writeFileSync(join(elsewhere, name), 'do not touch');
  for (const name of ['document-1.1', 'document-1.2']) symlinkSync(elsewhere, join(temp, name));
  for (const name of ['document-1.part', 'document-1.part.json', 'document-1.part.json.new'])
    symlinkSync(precious, join(temp, name));
  const file = await PartFile.open(temp, heldAs('document-1', 2n), partSize + 1, 'key');
  await file.write({ index: 1, offset: partSize, length: 1 }, Buffer.from('x'));
  await file.pause();
  untouched();
  for (const name of unfinished) expect(readFileSync(join(elsewhere, name), 'utf8')).toBe('do not touch');
  expect(lstatSync(join(temp, 'document-1.2')).isDirectory()).toBe(true);
  await discardParts(temp, heldAs('document-1', 2n));
  expect(readdirSync(temp)).toEqual([]);
  untouched();
});

test('a whole file that is only a link is not taken for one', async () => {
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  symlinkSync(precious, join(media, '.incoming', 'document-1.bin'));
  expect(await store.findWhole(heldAs('document-1'), '1.bin', 12n, null)).toBeUndefined();
  mkdirSync(temp, { recursive: true });
  writeFileSync(join(temp, 'document-1.part'), 'whole');
  const taken = await takeIn(store, join(temp, 'document-1.part'), '1.bin');
  expect(lstatSync(taken).isFile()).toBe(true);
  untouched();
});

test('media.link "none": the repo alone has the file', async () => {
  const store = new MediaStore(media, archive, () => 'none');
  await store.prepare(temp);
  writeFileSync(join(media, '.incoming', 'document-1.bin'), 'new');
  await place(store, join(media, '.incoming', 'document-1.bin'), heldAs('document-1'), '1.bin', [
    { chatId: 5n, name: '7 a.bin' },
  ]);
  expect(readdirSync(media).sort()).toEqual(['.incoming', '.tgsync-archive', 'documents-by-id', 'photo-by-id']);
  expect(readFileSync(join(media, 'documents-by-id', '1.bin'), 'utf8')).toBe('new');
});

test.each(['hard', 'copy', 'symlink'] as const)('%s: a link that stands under the name is replaced', async (mode) => {
  const store = new MediaStore(media, archive, () => mode);
  await store.prepare(temp);
  mkdirSync(join(media, '5'));
  symlinkSync(precious, join(media, '5', '7 a.bin'));
  writeFileSync(join(media, '.incoming', 'document-1.bin'), 'new');
  await place(store, join(media, '.incoming', 'document-1.bin'), heldAs('document-1'), '1.bin', [
    { chatId: 5n, name: '7 a.bin' },
  ]);
  expect(readFileSync(join(media, '5', '7 a.bin'), 'utf8')).toBe('new');
  untouched();
});

const planted: [string, (path: string) => void][] = [
  ['a symbolic link', (path) => symlinkSync(precious, path)],
  ['a named pipe', (path) => execFileSync('mkfifo', [path])],
];

test.each(planted)('a saved file that became %s shows in no further chat', async (_what, plant) => {
  const repo = join(media, 'documents-by-id', '1.bin');
  for (const mode of ['copy', 'hard'] as const) {
    const store = new MediaStore(media, archive, () => mode);
    await store.prepare(temp);
    plant(repo);
    expect(await linkSaved(store, heldAs('document-1'), '1.bin', { chatId: 5n, name: '7 a.bin' })).toBe(false);
    await expect(store.findWhole(heldAs('document-1'), '1.bin', 12n, null)).rejects.toThrow(PermanentError);
    await expect(store.fingerprint(repo)).rejects.toThrow('not a regular file');
    expect(readdirSync(media)).not.toContain('5');
    rmSync(repo);
  }
  untouched();
});

test.each(['documents-by-id', '.incoming'])('%s that leads elsewhere while running makes work wait', async (name) => {
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  const incoming = join(media, '.incoming', 'document-1.bin');
  writeFileSync(incoming, 'new');
  renameSync(join(media, name), join(media, `${name}.old`));
  symlinkSync(elsewhere, join(media, name));
  writeFileSync(join(elsewhere, '1.bin'), 'do not touch');
  writeFileSync(join(temp, 'document-1.part'), 'whole');
  const uses = [
    () => store.has('document', '1.bin'),
    () => store.findWhole(heldAs('document-1'), '1.bin', 12n, null),
    () => takeIn(store, join(temp, 'document-1.part'), '1.bin'),
    () => place(store, incoming, heldAs('document-1'), '1.bin', []),
    () => linkSaved(store, heldAs('document-1'), '1.bin', { chatId: 5n, name: '7 a.bin' }),
  ];
  for (const use of uses) {
    const error: unknown = await use().catch((it: unknown) => it);
    expect(error).toBeInstanceOf(RetryAfterError);
    expect((error as Error).message).toContain(`${join(media, name)} is a symbolic link instead of a folder`);
  }
  expect(readdirSync(elsewhere).sort()).toEqual(['1.bin', 'precious']);
});

test('a pipe in the place of parts or their record keeps nobody waiting', async () => {
  mkdirSync(join(temp, 'document-1.1'), { recursive: true });
  const pipes = ['document-1.part', 'document-1.part.json', ...unfinished.map((it) => `document-1.1/${it}`)];
  for (const name of pipes) execFileSync('mkfifo', [join(temp, name)]);
  const file = await PartFile.open(temp, heldAs('document-1'), partSize + 1, 'key');
  await file.write({ index: 1, offset: partSize, length: 1 }, Buffer.from('x'));
  await file.pause();
  expect(lstatSync(join(temp, 'document-1.1', 'record')).isFile()).toBe(true);
});

test('a folder in the place of a file is told with its path', async () => {
  const bytes = join(temp, 'document-1.1', 'bytes');
  mkdirSync(bytes, { recursive: true });
  const told = (path: string) => `${path} is a folder where tgsync needs to`;
  await expect(PartFile.open(temp, heldAs('document-1'), 5, 'key')).rejects.toThrow(told(bytes));
  const store = new MediaStore(media, archive);
  await store.prepare(temp);
  const incoming = join(media, '.incoming', 'document-2-1.bin');
  mkdirSync(incoming);
  writeFileSync(join(temp, 'document-2.part'), 'whole');
  await expect(takeIn(store, join(temp, 'document-2.part'), '2.bin')).rejects.toThrow(told(incoming));
  mkdirSync(join(media, 'documents-by-id', '3.bin'));
  await expect(store.findWhole(heldAs('document-3'), '3.bin', 5n, null)).rejects.toThrow(
    'is a folder instead of a file; move it away',
  );
});
