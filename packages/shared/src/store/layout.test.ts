/** Which media a name belongs to: our own names are recognised, all others are not. */
import { expect, test } from 'vitest';
import {
  chatOfFolder,
  damagedName,
  incomingLinkName,
  incomingName,
  isWholeInIncoming,
  messageOfLink,
  ownerInIncoming,
  ownerInRepo,
  ownerInTemp,
  partPairNames,
  unfinishedName,
} from './layout.js';

const photo = { kind: 'photo', id: -5n } as const;
const document = { kind: 'document', id: 32n } as const;
const tooBig = '9223372036854775808';

test('names that we make are recognised', () => {
  expect(ownerInRepo('photo-by-id', '-5.jpg')).toEqual(photo);
  expect(ownerInRepo('documents-by-id', '32.tar')).toEqual(document);
  expect(ownerInIncoming(incomingName('photo', '-5.jpg', 3n))).toEqual({ ...photo, claim: 3n });
  expect(ownerInIncoming(`${incomingName('document', '32.txt', 3n)}.copy`)).toEqual({ ...document, claim: 3n });
  const link = incomingLinkName('document', '32.txt', -1_000_000_000_001n, 3n);
  expect(ownerInIncoming(link)).toEqual({ ...document, claim: 3n });
  expect(ownerInTemp(unfinishedName(photo, 3n))).toEqual({ ...photo, claim: 3n });
  expect(ownerInTemp(unfinishedName(document, 0n))).toEqual({ ...document, claim: 0n });
  expect(messageOfLink('17 a 2.txt')).toBe(17n);
  expect(chatOfFolder('-1000000000001')).toBe(-1_000_000_000_001n);
});

test('names that older versions made are recognised', () => {
  for (const name of ['document-32.txt', 'document-32.001', 'document-32.txt.copy', 'document-32.txt.-9.link'])
    expect(ownerInIncoming(name)).toEqual(document);
  for (const name of ['7 a.txt', '7_8.jpg', '7.bin', '7 two\nlines'])
    expect(ownerInIncoming(`-1000000000001-${name}.link`)).toEqual({ chatId: -1_000_000_000_001n, messageId: 7n });
  for (const of of [photo, document]) {
    const { bytes, record } = partPairNames(of);
    for (const name of [bytes, record, `${record}.new`]) expect(ownerInTemp(name)).toEqual(of);
  }
});

test('no two media or claims share a name on the way, nor do a file and what is made of it', () => {
  const names = (['photo', 'document'] as const).flatMap((kind) =>
    ['32.jpg', '32.link', '32.copy', '32.4', '33.jpg'].flatMap((it) =>
      [3n, 4n].flatMap((claim) => [
        incomingName(kind, it, claim),
        `${incomingName(kind, it, claim)}.copy`,
        incomingLinkName(kind, it, 5n, claim),
        incomingLinkName(kind, it, -5n, claim),
      ]),
    ),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter(isWholeInIncoming).length).toBe(20);
  expect(damagedName('photo', '32.jpg').name).not.toBe(damagedName('document', '32.jpg').name);
});

test('other names belong to nobody, and no number is too big for the database', () => {
  expect(ownerInRepo('documents-by-id', 'notes.txt')).toBeUndefined();
  expect(ownerInRepo('documents-by-id', `${tooBig}.txt`)).toBeUndefined();
  expect(ownerInRepo('elsewhere', '32.txt')).toBeUndefined();
  for (const name of ['notes.txt', 'photo-x.jpg', `photo-${tooBig}.jpg`, '5-.link', `5-${tooBig} a.link`])
    expect(ownerInIncoming(name), name).toBeUndefined();
  for (const name of [
    'a.part',
    'photo-5.party',
    `photo-${tooBig}.part`,
    'video-5.part',
    'photo-5.part.json.old',
    'photo-5.',
    'photo-5.x',
    `photo-5.${tooBig}`,
  ])
    expect(ownerInTemp(name), name).toBeUndefined();
  expect(messageOfLink('a 17')).toBeUndefined();
  expect(messageOfLink(`${tooBig} a`)).toBeUndefined();
  for (const name of ['0', '05', '5a', tooBig, 'photo-by-id']) expect(chatOfFolder(name)).toBeUndefined();
});
