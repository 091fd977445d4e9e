/** For an unknown id, those that were probably meant are suggested. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestChats } from './nearest-chats.js';

const chat = (id: bigint) => ({ id, title: `chat ${id}` });
const cats = chat(-1001234567890n);
const dogs = chat(-1001234567809n);
const us = chat(-4567890n);
const ada = chat(1234567890n);
const nearest = (id: bigint, ...chats: { id: bigint; title: string }[]) => nearestChats(id, chats).map((it) => it.id);

test.each([
  ['the sign is missing', 1001234567890n],
  ['the prefix is missing', -1234567890n],
  ['both are missing', 1234567890n],
  ['two digits are swapped', -1001234567980n],
  ['a digit is missing', -100123456789n],
  ['a digit is too many', -10012345678900n],
  ['a digit is wrong', -1001234567990n],
])('%s', (_what, id) => {
  expect(nearest(id, cats)).toEqual([cats.id]);
});

test('same digits come first, then those that differ less', () => {
  expect(nearest(-1234567890n, dogs, cats)).toEqual([cats.id, dogs.id]);
  expect(nearest(1001234567890n, dogs, ada, cats)).toEqual([ada.id, cats.id, dogs.id]);
});

test('a basic group is found by its digits', () => {
  expect(nearest(4567890n, cats, us)).toEqual([us.id]);
});

test('an id that differs in more than two digits was not meant', () => {
  expect(nearest(-1009876543210n, cats, dogs, us, ada)).toEqual([]);
  expect(nearest(-1001234567890n)).toEqual([]);
});

test('one notation of an id finds the others, and never more than requested', () => {
  fc.assert(
    fc.property(
      fc.bigInt(10n ** 9n, 10n ** 10n - 1n),
      fc.array(fc.bigInt(1n, 10n ** 12n)),
      fc.nat({ max: 4 }),
      (bare, others, most) => {
        const meant = chat(-(10n ** 12n + bare));
        const known = [...others.map(chat), meant];
        for (const written of [bare, -bare, 10n ** 12n + bare]) {
          const found = nearestChats(written, known, most);
          expect(found.length).toBeLessThanOrEqual(most);
          if (most > others.length) expect(found).toContain(meant);
        }
      },
    ),
  );
});
