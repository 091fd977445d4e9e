/** Whose a name is: what we make is known again, and what anybody else puts there is nobody's. */
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
  partName,
} from './layout.js';

const photo = { kind: 'photo', id: -5n } as const;
const document = { kind: 'document', id: 32n } as const;
const tooBig = '9223372036854775808';

test('names that we make are known again', () => {
  expect(ownerInRepo('photo-by-id', '-5.jpg')).toEqual(photo);
  expect(ownerInRepo('documents-by-id', '32.tar')).toEqual(document);
  expect(ownerInIncoming(incomingName('photo', '-5.jpg'))).toEqual(photo);
  expect(ownerInIncoming(`${incomingName('document', '32.txt')}.copy`)).toEqual(document);
  expect(ownerInIncoming(incomingLinkName('document', '32.txt', -1_000_000_000_001n))).toEqual(document);
  for (const name of ['7 a.txt', '7_8.jpg', '7.bin', '7 two\nlines'])
    // of an older version
    expect(ownerInIncoming(`-1000000000001-${name}.link`)).toEqual({ chatId: -1_000_000_000_001n, messageId: 7n });
  for (const end of ['.part', '.part.json', '.part.json.new']) {
    expect(ownerInTemp(`${partName(photo)}${end}`)).toEqual(photo);
    expect(ownerInTemp(`${partName(document)}${end}`)).toEqual(document);
  }
  expect(messageOfLink('17 a 2.txt')).toBe(17n);
  expect(chatOfFolder('-1000000000001')).toBe(-1_000_000_000_001n);
});

test('no two media share a name on the way, nor a file and what is made of it', () => {
  const names = (['photo', 'document'] as const).flatMap((kind) =>
    ['32.jpg', '32.link', '32.copy', '33.jpg'].flatMap((it) => [
      incomingName(kind, it),
      `${incomingName(kind, it)}.copy`,
      incomingLinkName(kind, it, 5n),
      incomingLinkName(kind, it, -5n),
    ]),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter(isWholeInIncoming).length).toBe(8);
  expect(damagedName('photo', '32.jpg').name).not.toBe(damagedName('document', '32.jpg').name);
});

test('other names are nobody’s, and no number is too big for the database', () => {
  expect(ownerInRepo('documents-by-id', 'notes.txt')).toBeUndefined();
  expect(ownerInRepo('documents-by-id', `${tooBig}.txt`)).toBeUndefined();
  expect(ownerInRepo('elsewhere', '32.txt')).toBeUndefined();
  for (const name of ['notes.txt', 'photo-x.jpg', `photo-${tooBig}.jpg`, '5-.link', `5-${tooBig} a.link`])
    expect(ownerInIncoming(name), name).toBeUndefined();
  for (const name of ['a.part', 'photo-5.party', `photo-${tooBig}.part`, 'video-5.part', 'photo-5.part.json.old'])
    expect(ownerInTemp(name), name).toBeUndefined();
  expect(messageOfLink('a 17')).toBeUndefined();
  expect(messageOfLink(`${tooBig} a`)).toBeUndefined();
  for (const name of ['0', '05', '5a', tooBig, 'photo-by-id']) expect(chatOfFolder(name)).toBeUndefined();
});
