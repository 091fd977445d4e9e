/**
 * Whose parts are discarded to free space: those of media no longer wanted, then the youngest, never those of the one to continue, and
 * only if it helps.
 */
import { describe, expect, test } from 'vitest';
import { planGiveBack, type Unfinished } from './plan-give-back.js';

const media = (id: bigint) => ({ kind: 'document', id }) as const;
const unfinished = (id: bigint, more: Partial<Unfinished> = {}): Unfinished => ({
  media: media(id),
  bytes: 10,
  left: 100,
  begunAt: Number(id),
  isWanted: true,
  ...more,
});
const waits = (id: bigint, needs: number, hasParts = true) => ({ media: media(id), needs, hasParts });
const idsOf = (plan: readonly { id: bigint }[]) => plan.map((it) => Number(it.id));

describe('parts are discarded', () => {
  test('of media that are no longer wanted, then of the youngest', () => {
    const found = [unfinished(1n), unfinished(2n), unfinished(3n, { isWanted: false, begunAt: 0 })];
    expect(idsOf(planGiveBack(found, 0, [waits(9n, 15)]))).toEqual([3, 2]);
  });
  test('no more than one waiting download needs: the one with the least left of those that have begun', () => {
    const found = [unfinished(1n), unfinished(2n), unfinished(3n)];
    const waiting = [waits(1n, 20), waits(2n, 8), waits(9n, 1, false)];
    expect(idsOf(planGiveBack(found, 0, waiting))).toEqual([3]);
  });
  test('for the one with the least left if none could check', () => {
    const found = [
      unfinished(1n, { left: 5 }),
      unfinished(2n, { left: 50 }),
      unfinished(3n, { left: 1, isWanted: false }),
    ];
    expect(idsOf(planGiveBack(found, 0, []))).toEqual([3]);
    expect(idsOf(planGiveBack(found, -10, []))).toEqual([3, 2]);
  });
  test.each([
    ['when all together would not be enough', [unfinished(1n), unfinished(2n)], 0, [waits(9n, 21)]],
    ['when there is room already', [unfinished(1n), unfinished(2n)], 21, [waits(9n, 21)]],
    ['when nobody waits for anything', [unfinished(1n, { isWanted: false })], 0, []],
  ])('not %s', (_when, found, spare, waiting) => {
    expect(planGiveBack(found, spare, waiting)).toEqual([]);
  });
});
