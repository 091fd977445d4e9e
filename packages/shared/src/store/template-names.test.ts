/** Names and folders of links by template: hostile titles, captions and names stay in their place and within the limits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFolderTemplate, parseNameTemplate } from '../config/index.js';
import { chatOfFolder } from './layout.js';
import { folded, type NamedMedia } from './names.js';
import { type LinkFacts, templateFolder, templateName, titleName } from './template-names.js';

const photo: NamedMedia = { kind: 'photo', id: 99n, type: null, name: null };
const film: NamedMedia = { kind: 'document', id: 32n, type: 'video/mp4', name: 'My film.MP4' };

function facts(more: Partial<LinkFacts> = {}): LinkFacts {
  return {
    chatId: -1_000_000_000_005n,
    messageId: 7n,
    date: new Date('2024-02-29T23:59:59Z'),
    caption: 'A day\nat the  sea',
    title: 'Cats',
    topic: 'Kittens',
    ...more,
  };
}

const nameBy = (template: string, media: NamedMedia, more: Partial<LinkFacts> = {}, taken: string[] = [], most = 255) =>
  templateName(parseNameTemplate(template), media, facts(more), taken, most);
const folderBy = (template: string, more: Partial<LinkFacts> = {}, taken: string[] = [], most = 255) =>
  templateFolder(parseFolderTemplate(template), film, facts(more), taken, most);

test.for([
  ['{id:10} {name}', film, '0000000007 My film.MP4'],
  ['{name} {id}', film, 'My film 7.MP4'],
  ['{id} {name}', { ...film, name: 'README' }, '7 README'],
  ['{id} {name}', photo, '7.jpg'],
  ['{date} {id} {caption:7}', photo, '2024-02-29 7 A day a.jpg'],
  ['{date:4}_{media}', film, '2024_32.mp4'],
  ['{name} {date} {topic} {id}', { ...photo, name: ' . ' }, '2024-02-29 Kittens 7.jpg'],
  ['{media:4} {chat} {title} {topic}.{ext}', film, '0032 -1000000000005 Cats Kittens.MP4'],
  ['con{id}', { ...photo, id: 1n }, 'con7.jpg'],
  ['com{id}', photo, '_com7.jpg'],
] as const)('the name %s', ([template, media, name]) => {
  expect(nameBy(template, media)).toBe(name);
});

test.for([
  ['{title}', {}, 'Cats'],
  ['{title}/{date:7}', {}, 'Cats/2024-02'],
  ['{chat}/{topic}', {}, '-1000000000005/Kittens'],
  ['{chat}/{topic}', { topic: '' }, '-1000000000005'],
  ['{title}/{topic}', { title: '..', topic: '../..' }, '_.._'],
  ['{title}', { title: '' }, '-1000000000005'],
  ['{title}', { title: '-1000000000006' }, '_-1000000000006'],
  ['{title}', { title: 'Photo-By-ID' }, '_Photo-By-ID'],
  ['{title}', { title: 'documents-by-id' }, '_documents-by-id'],
  ['{title}', { title: '.incoming' }, '_.incoming'],
  ['{title}', { title: '@7' }, '_@7'],
  ['{title}', { title: 'nul' }, '_nul'],
  ['{title}/{ext}', {}, 'Cats/MP4'],
] as const)('the folder %s of %o', ([template, more, folder]) => {
  expect(folderBy(template, more)).toBe(folder);
});

test('what is taken gets a mark, also if it differs in case or in the writing of an accent', () => {
  expect(nameBy('{id}', photo, {}, ['7.JPG'])).toBe('7_99.jpg'); // another media of the message
  expect(nameBy('{media}', photo, {}, ['99.jpg', '99_7.jpg'])).toBe('99_7_2.jpg'); // the same in another message
  expect(folderBy('{title}/x', {}, ['cats/X'])).toBe('Cats/x (-1000000000005)');
  expect(folderBy('{title}', { title: 'caf\u00E9' }, ['cafe\u0301'])).toBe('café (-1000000000005)');
  expect(titleName(5n, 'Cats', [], 255)).toBe('Cats');
  expect(titleName(5n, 'Cats', ['Cats'], 255)).toBe('Cats (5)');
  expect(titleName(5n, '...', [], 255)).toBe('5');
});

test('a long name is shortened where somebody chose the text, never in an id, a date or the extension', () => {
  const long = { caption: 'x'.repeat(900), title: 'ö'.repeat(900) };
  const name = nameBy('{caption} {date} {id:10}', film, long, [], 143);
  expect(name).toMatch(/^x+ 2024-02-29 0000000007\.mp4$/);
  expect(Buffer.byteLength(name)).toBe(143);
  expect(folderBy('{title} {date}', long, [], 143)).toMatch(/^ö+ 2024-02-29$/);
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    '..',
    '.',
    '../..',
    '/etc/passwd',
    '\0',
    '\u202Etxt.exe',
    'con',
    '.incoming',
    'photo-by-id',
    '@1',
    '-5',
  ),
  fc.string({ unit: fc.constantFrom('.', ' ', '/', '\\', '\n', 'e\u0301', '\uD800', 'Å', '🧑‍🚀'), maxLength: 300 }),
);
const known = fc.record({
  chatId: fc.bigInt(-(10n ** 13n), 10n ** 12n),
  messageId: fc.bigInt(1n, 2n ** 31n),
  date: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })),
  caption: fc.option(hostile),
  title: hostile,
  topic: hostile,
});
const files: fc.Arbitrary<NamedMedia> = fc.record({
  kind: fc.constantFrom('photo' as const, 'document' as const),
  id: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  type: fc.option(fc.constantFrom('video/mp4', 'text/plain', 'x/../y')),
  name: fc.option(hostile),
});
const placeholders = ['chat', 'title', 'title:9', 'date', 'topic', 'name', 'caption:40', 'ext', 'media'];
const pieces = fc.array(
  fc.oneof(fc.constantFrom(...placeholders.map((it) => `{${it}}`)), fc.constantFrom('-', 'a', 'ö')),
  { minLength: 1, maxLength: 9 },
);
const isShort = (text: string) => text.length <= 200;
const nameTemplates = pieces
  .map((some) => `${some.join('')}{id:10}`)
  .filter(isShort)
  .map(parseNameTemplate);
const folderTemplates = fc
  .array(pieces, { minLength: 1, maxLength: 4 })
  .map((some) => [...some.map((it) => it.join('')), '{chat}'].join('/'))
  .filter(isShort)
  .map(parseFolderTemplate);
const limits = fc.constantFrom(100, 143, 255);

/** Safe on any system: one segment, of its size, not hidden, and the same when it is written otherwise. */
function expectSafe(segment: string, most: number): void {
  expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(most);
  expect(segment).not.toMatch(/^$|^[.\s]|[. ]$|[/\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
  expect(segment).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
  expect(segment.isWellFormed()).toBe(true);
  expect(segment.normalize('NFC')).toBe(segment);
}

test('a name is taken by the same one in capitals, also where these are more characters', () => {
  for (const [one, other] of [
    ['straße', 'STRASSE'],
    ['\u1f80', '\u1f80'.toUpperCase()],
    ['\u1f80'.normalize('NFD'), '\u1f88'],
    ['ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ'],
  ] as const)
    expect(folded(one), one).toBe(folded(other));
});

describe('whatever strangers choose', () => {
  test('a name stays in its folder and within the limit', () => {
    fc.assert(
      fc.property(nameTemplates, files, known, limits, (template, media, it, most) => {
        const first = templateName(template, media, it, [], most);
        expectSafe(first, most);
        const second = templateName(template, media, it, [first.toUpperCase()], most);
        expectSafe(second, most);
        expect(folded(second)).not.toBe(folded(first));
      }),
      { numRuns: 1000 },
    );
  });

  test('a folder stays within /media, and is that of no other chat, no repo and nothing hidden', () => {
    fc.assert(
      fc.property(folderTemplates, files, known, limits, (template, media, it, most) => {
        const first = templateFolder(template, media, it, [], most);
        const second = templateFolder(template, media, it, [first], most);
        expect(folded(second)).not.toBe(folded(first));
        for (const folder of [first, second]) {
          for (const segment of folder.split('/')) expectSafe(segment, most);
          const top = folder.split('/')[0]!;
          expect(['photo-by-id', 'documents-by-id']).not.toContain(folded(top));
          if (chatOfFolder(top) !== undefined) expect(top).toBe(`${it.chatId}`);
          expect(top).not.toMatch(/^@/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what a chat is called is one safe name, told apart from another', () => {
    fc.assert(
      fc.property(hostile, limits, (title, most) => {
        const first = titleName(-5n, title, [], most);
        expectSafe(first, most);
        expect(folded(titleName(-6n, title, [first], most))).not.toBe(folded(first));
      }),
    );
  });
});
