/** Arithmetic of ranges, checked against the simplest model: a set of ids. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IdRange, sizeOf, subtract, wantedRange } from './index.js';

const idsOf = (ranges: readonly IdRange[]): bigint[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index)));

/** Ascending and apart, as in Postgres: gap and length, one after the other. */
const rangeLists = fc.array(fc.tuple(fc.bigInt(1n, 5n), fc.bigInt(0n, 6n)), { maxLength: 8 }).map((steps) => {
  let end = -10n;
  return steps.map(([gap, more]): IdRange => {
    const from = end + gap + 1n;
    end = from + more;
    return { from, to: end };
  });
});
const wholes = fc.tuple(fc.bigInt(-15n, 60n), fc.bigInt(0n, 60n)).map(([from, more]) => ({ from, to: from + more }));

test('subtraction leaves what a set would leave, ascending and apart', () => {
  fc.assert(
    fc.property(wholes, rangeLists, (whole, parts) => {
      const taken = new Set(idsOf(parts));
      const left = subtract(whole, parts);
      expect(idsOf(left)).toEqual(idsOf([whole]).filter((id) => !taken.has(id)));
      for (const [index, { from, to }] of left.entries()) {
        expect(from <= to).toBe(true);
        if (index > 0) expect(from > left[index - 1]!.to + 1n).toBe(true);
      }
    }),
  );
});

test('what is left and what was subtracted make the whole again', () => {
  fc.assert(
    fc.property(wholes, rangeLists, (whole, parts) => {
      const left = subtract(whole, parts);
      const taken = subtract(whole, left);
      expect(sizeOf(left) + sizeOf(taken)).toBe(sizeOf([whole]));
      expect(subtract(whole, taken)).toEqual(left);
    }),
  );
});

test('ranges that touch, extend over an end or are outside', () => {
  const whole = { from: 10n, to: 20n };
  expect(subtract(whole, [])).toEqual([whole]);
  expect(
    subtract(whole, [
      { from: 1n, to: 9n },
      { from: 21n, to: 30n },
    ]),
  ).toEqual([whole]);
  expect(
    subtract(whole, [
      { from: 1n, to: 10n },
      { from: 20n, to: 30n },
    ]),
  ).toEqual([{ from: 11n, to: 19n }]);
  expect(
    subtract(whole, [
      { from: 10n, to: 14n },
      { from: 15n, to: 20n },
    ]),
  ).toEqual([]);
  expect(subtract(whole, [{ from: 1n, to: 30n }])).toEqual([]);
});

test('ids beyond the exact range of a number stay exact', () => {
  const base = 2n ** 62n;
  expect(subtract({ from: base, to: base + 2n }, [{ from: base + 1n, to: base + 1n }])).toEqual([
    { from: base, to: base },
    { from: base + 2n, to: base + 2n },
  ]);
  expect(sizeOf([{ from: 1n, to: base + 1n }])).toBe(base + 1n);
});

test('the size of ranges is the number of their ids', () => {
  expect(sizeOf([])).toBe(0n);
  fc.assert(fc.property(rangeLists, (ranges) => sizeOf(ranges) === BigInt(idsOf(ranges).length)));
});

test('the wanted ids are those of the configured range that exist', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 40n),
      fc.bigInt(0n, 40n),
      fc.option(fc.bigInt(0n, 40n)),
      (rangeFrom, rangeTo, topMessage) => {
        const existing = topMessage ? idsOf([{ from: 1n, to: topMessage }]) : [];
        const expected = existing.filter((id) => id >= rangeFrom && (rangeTo === 0n || id <= rangeTo));
        const wanted = wantedRange({ rangeFrom, rangeTo, topMessage });
        expect(wanted ? idsOf([wanted]) : []).toEqual(expected);
      },
    ),
  );
});

test('a chat that was never surveyed, or is empty, wants nothing', () => {
  expect(wantedRange({ rangeFrom: 0n, rangeTo: 0n, topMessage: null })).toBeUndefined();
  expect(wantedRange({ rangeFrom: 0n, rangeTo: 0n, topMessage: 0n })).toBeUndefined();
  expect(wantedRange({ rangeFrom: 8n, rangeTo: 0n, topMessage: 7n })).toBeUndefined();
});
