/** Whatever a stranger calls a file, its name stays in its folder, fits the file system, and says what it is. */
import { join, win32 } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extensionOf } from '@tgsync/shared/media-type';
import { linkName, type NamedMedia, repoName, safeName } from './names.js';

const bytes = (text: string) => Buffer.byteLength(text, 'utf8');
const document = (name: string | null, type: string | null = null, id = 99n): NamedMedia => ({
  kind: 'document',
  id,
  type,
  name,
});

/** What a file system may treat as the same name. */
const alikeOnDisk = (name: string) => name.normalize('NFC').toLowerCase();

/** Pieces of names from strangers that mean harm, or are just foreign. */
const pieces = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('/', '\\', '..', '.', ' ', '\0', '\n', '\r', '\x7F', '\x85', '\u2028', '\u2029'),
  fc.constantFrom('\u202E', '\u200F', '\u2066', '\u061C', '\uD83D', '\uDE00', '\uFEFF', '\u00A0', '\u3000'),
  fc.constantFrom('.pdf', '.tar.gz', '.PNG', '.exe', 'CON', 'nul.txt', '~', '$(x)', '<b>', 'C:', '|', '?', '*', '"'),
  fc.constantFrom(
    '👩‍👩‍👧‍👦'.repeat(30),
    'e' + '\u0301'.repeat(200),
    'ﷺ'.repeat(100),
    'a'.repeat(300),
    '.'.repeat(300),
    ' '.repeat(300),
  ),
);
/** Any bytes at all, read as a server's answer is, or as it must not be. */
const anyBytes = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('utf8', 'latin1', 'utf16le'))
  .map(([it, encoding]) => Buffer.from(it).toString(encoding as BufferEncoding));
const names = fc.oneof(
  fc.array(pieces, { maxLength: 8 }).map((it) => it.join('')),
  anyBytes,
);
const types = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'application/pdf',
    'video/mp4',
    'application/octet-stream',
    'image/../../x',
    '__proto__',
    'a/constructor',
  ),
  fc.string(),
);
const ids = fc.bigInt(1n, 2n ** 63n - 1n);
const messageIds = fc.bigInt(1n, 2n ** 31n - 1n);
const media = fc.record({ kind: fc.constantFrom('photo', 'document'), id: ids, type: types, name: fc.option(names) });

/** What settings allow for a name: that of most file systems, of encrypted folders of some NAS, and the least. */
const limits = fc.constantFrom(255, 143, 100);

/** What every name on disk must satisfy. */
function expectFit(name: string, maxBytes = 255): void {
  expect(name.isWellFormed()).toBe(true);
  expect(bytes(name)).toBeLessThanOrEqual(maxBytes);
  expect(Buffer.from(name, 'utf8').toString('utf8')).toBe(name);
  expect(join('/media/chat', name)).toBe(`/media/chat/${name}`);
  expect(win32.basename(name)).toBe(name);
  expect(name).not.toMatch(/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i); // devices of Windows
  expect(name).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}]/u);
  expect(name).not.toMatch(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/);
  expect(name).not.toMatch(/^ |[. ]$/); // Windows cuts these off, or is confused
  expect(['', '.', '..']).not.toContain(name);
}

test('any media has a link name that fits and begins with its message', () => {
  fc.assert(
    fc.property(media, messageIds, limits, (it, messageId, maxBytes) => {
      const name = linkName(it, messageId, [], maxBytes);
      expectFit(name, maxBytes);
      expect(name).toMatch(new RegExp(`^${messageId}[ ._]`));
      expect(linkName({ ...it }, messageId, [], maxBytes)).toBe(name); // the same every time
    }),
    { numRuns: 1000 },
  );
});

test('any media has a name in its repo that reveals its id', () => {
  fc.assert(
    fc.property(media, (it) => {
      const name = repoName(it);
      expectFit(name);
      expect(name).toMatch(/^\d+\.[A-Za-z0-9-]{1,16}$/);
      expect(name.split('.')[0]).toBe(`${it.id}`);
    }),
    { numRuns: 1000 },
  );
});

test('media of one message have different names, however similar their own names are', () => {
  const alike = fc.tuple(
    fc.constantFrom('', 'a', 'é', '👩‍👩‍👧'),
    fc.nat({ max: 300 }),
    fc.constantFrom('', '.mp4', '.tar.gz'),
  );
  const name = fc.oneof(
    names,
    alike.map(([unit, times, ending]) => unit.repeat(times) + ending),
  );
  fc.assert(
    fc.property(
      name,
      types,
      messageIds,
      fc.uniqueArray(ids, { minLength: 2, maxLength: 6 }),
      limits,
      (called, type, messageId, some, maxBytes) => {
        const taken: string[] = [];
        for (const id of some) {
          const link = linkName(document(called, type, id), messageId, taken, maxBytes);
          expectFit(link, maxBytes);
          expect(taken.map(alikeOnDisk)).not.toContain(alikeOnDisk(link));
          taken.push(link);
        }
        for (const [index, link] of taken.entries()) if (index > 0) expect(link).toContain(`_${some[index]}`);
      },
    ),
    { numRuns: 500 },
  );
});

test('names of many different media of one message all differ, whatever each is called', () => {
  fc.assert(
    fc.property(fc.array(media, { minLength: 2, maxLength: 8 }), messageIds, limits, (some, messageId, maxBytes) => {
      const taken: string[] = [];
      for (const it of some) taken.push(linkName(it, messageId, taken, maxBytes));
      for (const link of taken) expectFit(link, maxBytes);
      expect(new Set(taken.map(alikeOnDisk)).size).toBe(taken.length);
    }),
    { numRuns: 500 },
  );
});

test('also if a stranger gave one the name that the next would get', () => {
  const taken: string[] = [];
  const called = ['a.pdf', 'a_12.pdf', 'a_12_2.pdf', 'a.pdf'];
  for (const [index, name] of called.entries())
    taken.push(linkName(document(name, null, BigInt(9 + index)), 5n, taken));
  expect(taken.slice(0, 3)).toEqual(['5 a.pdf', '5 a_12.pdf', '5 a_12_2.pdf']);
  expect(new Set(taken).size).toBe(4);
  expectFit(taken[3]!);
});

test('also on a file system that ignores case, or treats two ways to write é as the same', () => {
  expect(linkName(document('Film.MP4'), 5n, ['5 film.mp4'])).toBe('5 Film_99.MP4');
  expect(linkName(document('caf\u00E9.txt'), 5n, ['5 cafe\u0301.txt'])).toBe('5 café_99.txt');
});

test('an ordinary name is kept as it is', () => {
  const ordinary = fc.stringMatching(/^[\p{L}\p{N}()_-][\p{L}\p{N}()_. -]{0,30}[\p{L}\p{N}()_-]$/u);
  fc.assert(fc.property(ordinary, (name) => safeName(name) === name && linkName(document(name), 7n) === `7 ${name}`));
});

test.each([
  ['report.pdf', '7 report.pdf'],
  ['.gitignore', '7 .gitignore'],
  ['no extension', '7 no extension'],
  ['a .. b..txt', '7 a .. b..txt'],
  ['  spaced  .pdf  ', '7   spaced  .pdf'],
  ['../../etc/passwd', '7 .._.._etc_passwd'],
  ['C:\\Windows\\x.exe', '7 C__Windows_x.exe'],
  ['gnp\u202Eexe.png', '7 gnpexe.png'],
  ['a\0b\nc.txt', '7 abc.txt'],
  ['half\uD83D.txt', '7 half\uFFFD.txt'],
  ['con', '7 con'],
  ['<i>"what?"</i>|*.html', '7 _i__what____i___.html'],
])('a document called %j is linked as %j', (name, link) => {
  expect(linkName(document(name), 7n)).toBe(link);
});

test.each(['', '.', '..', ' ', '. . .', '\0', '\u202E.', '\u2028', `${' '.repeat(300)}x`])(
  'a name of nothing, %j, is no name',
  (name) => {
    expect(linkName(document(name, 'application/pdf'), 7n)).toBe('7.pdf');
    expect(linkName(document(name), 7n)).toBe('7.bin');
  },
);

test('a photo is named after its message and id, a document without a name after its message', () => {
  expect(linkName({ kind: 'photo', id: 99n, type: null, name: 'x.exe' }, 7n)).toBe('7_99.jpg');
  expect(linkName(document(null, 'video/mp4'), 7n)).toBe('7.mp4');
  expect(linkName(document(null, 'video/mp4'), 7n, ['7.mp4'])).toBe('7_99.mp4');
});

test('a name that is too long is cut, but keeps its extension', () => {
  const link = linkName(document(`${'x'.repeat(300)}.pdf`), 7n);
  expect(link).toBe(`7 ${'x'.repeat(249)}.pdf`);
  expect(bytes(link)).toBe(255);
  expect(linkName(document(`${'x'.repeat(300)}.pdf`), 7n, [link])).toBe(`7 ${'x'.repeat(246)}_99.pdf`);
  expect(linkName(document(`${'x'.repeat(300)}.pdf. `), 7n)).toBe(link); // behind what no name may end with
  expect(linkName(document(`x.${'y'.repeat(300)}`), 7n)).toBe(`7 x.${'y'.repeat(251)}`); // not an extension
});

test('a character is kept whole or dropped, unless it is too long by itself', () => {
  expect(linkName(document(`${'👩‍👩‍👧'.repeat(20)}.jpg`), 7n)).toBe(`7 ${'👩‍👩‍👧'.repeat(13)}.jpg`);
  const zalgo = linkName(document(`e${'\u0301'.repeat(200)}`), 7n);
  expectFit(zalgo);
  expect(zalgo).toBe(`7 e${'\u0301'.repeat(126)}`);
});

test('cutting leaves no dot or space at the end', () => {
  expect(linkName(document(`${'x'.repeat(240)}${' .'.repeat(20)}x y`), 7n)).toBe(`7 ${'x'.repeat(240)}`);
});

test.each([
  ['video/mp4', 'film.avi', 'mp4'],
  ['audio/mpeg', 'song.mp3', 'mp3'],
  ['audio/mpeg', null, 'mp3'],
  ['audio/ogg', null, 'ogg'],
  ['AUDIO/OGG; codecs=opus', null, 'ogg'],
  ['audio/aac', null, 'aac'],
  ['video/quicktime', 'film.MOV', 'mov'],
  ['image/webp', 'sticker.webp', 'webp'],
  ['application/x-tgsticker', 'AnimatedSticker.tgs', 'tgs'],
  ['application/octet-stream', 'disk.iso', 'iso'],
  ['application/octet-stream', null, 'bin'],
  [null, 'a.tar.gz', 'gz'],
  ['no type', 'x.y z', 'bin'],
  ['no/such', 'x.\u0441om', 'bin'],
  ['__proto__', 'x.', 'bin'],
])('a document of type %j called %j ends in %s', (type, name, extension) => {
  expect(extensionOf(document(name, type))).toBe(extension);
});

test('padded ids sort, and nothing else of a name changes', () => {
  const photo = { kind: 'photo', id: 99n, type: null, name: null } as const;
  const padded = (media: NamedMedia, id = 7n) => linkName(media, id, [], 255, 10);
  expect(padded(photo)).toBe('0000000007_99.jpg');
  expect(padded(document('a.txt'))).toBe('0000000007 a.txt');
  expect(padded(document(null, 'video/mp4'))).toBe('0000000007.mp4');
  fc.assert(
    fc.property(fc.array(fc.bigInt(1n, 2n ** 31n)), (ids) => {
      const names = ids.toSorted((a, b) => Number(a - b)).map((id) => padded(photo, id));
      expect(names.toSorted()).toEqual(names);
    }),
  );
});
