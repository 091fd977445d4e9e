/** Small files do not wait behind large ones, and no more files are read at once than Telegram wishes. */
import { expect, test } from 'vitest';
import { type Reader, Turns } from './turns.js';

const readers = (count: number, isLarge: boolean): Reader[] => Array.from({ length: count }, () => ({ isLarge }));

test('at most so many files of each size are begun, and those that were may go on', () => {
  const turns = new Turns(() => ({ small: 5, large: 2 }));
  const [small, large] = [readers(6, false), readers(3, true)];
  const begun = [...small, ...large].filter((it) => {
    const may = turns.mayBegin(it);
    if (may) turns.begin(it);
    return may;
  });
  expect(begun).toEqual([...small.slice(0, 5), ...large.slice(0, 2)]);
  expect(turns.mayBegin(large[0]!)).toBe(true);
  turns.begin(large[0]!);
  expect(turns.count).toBe(8);
  turns.end(large[0]!);
  expect(turns.mayBegin(large[2]!)).toBe(false);
  turns.end(large[0]!);
  expect(turns.mayBegin(large[2]!)).toBe(true);
  turns.end(small[3]!);
  expect(turns.mayBegin(small[5]!)).toBe(true);
  expect(turns.count).toBe(5);
});

test('the file with the fewest calls in flight is next; among those, who waited longest', () => {
  const turns = new Turns(() => ({ small: 5, large: 2 }));
  const [one, two] = readers(2, true) as [Reader, Reader];
  const [small] = readers(1, false) as [Reader];
  for (const it of [one, one, one, two]) turns.begin(it);
  const waiting = [one, two, one, small, two].map((reader, index) => ({ reader, index }));
  expect(turns.inOrder(waiting).map((it) => it.index)).toEqual([3, 1, 4, 0, 2]);
});
