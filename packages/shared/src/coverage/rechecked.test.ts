/** What was read again is known as exactly as it matters, in few ranges. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addRechecked, type RecheckedRange } from './rechecked.js';

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const at = (days: number) => new Date(start + days * day);
const range = (from: number, to: number, days: number): RecheckedRange => ({
  from: BigInt(from),
  to: BigInt(to),
  since: at(days),
});

const step = fc.tuple(fc.nat(60), fc.nat(20), fc.nat(3));

test('every id has the time of the last range over it, and ranges neither overlap nor could be one', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const model = new Map<number, number>();
      let days = 0;
      let ranges: readonly RecheckedRange[] = [];
      for (const [from, size, later] of steps) {
        days = Math.min(30, days + later);
        for (let id = from; id <= from + size; id++) model.set(id, days);
        ranges = addRechecked(ranges, range(from, from + size, days), at(days));
      }
      const told = ranges.flatMap(({ from, to, since }) =>
        Array.from({ length: Number(to - from) + 1 }, (_, index) => [Number(from) + index, since.getTime()]),
      );
      expect(told).toEqual([...model].toSorted((a, b) => a[0] - b[0]).map(([id, it]) => [id, at(it).getTime()]));
      for (const [index, it] of ranges.entries()) {
        const next = ranges[index + 1];
        if (next?.from === it.to + 1n) expect(next.since).not.toEqual(it.since);
      }
    }),
  );
});

test('an earlier time never counts as a later one, and years leave few ranges', () => {
  let ranges: readonly RecheckedRange[] = [];
  for (let days = 0; days < 1500; days++)
    ranges = addRechecked(ranges, range(days * 10, days * 10 + 20, days), at(days));
  for (const { to, since } of ranges) expect(since.getTime()).toBeLessThanOrEqual(at(Number(to) / 10).getTime());
  expect(ranges.length).toBeLessThan(100);
  expect(ranges.at(-1)).toEqual(range(14_990, 15_010, 1499));
});
