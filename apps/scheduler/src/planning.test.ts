/** How soon the planner looks again. */
import { expect, test } from 'vitest';
import { pauseAfter } from './planning.js';

test('who waits for the end is told of it soon, but planning is never all that happens', () => {
  const pauses = (isHurried: boolean) => [0, 10, 100, 5000].map((tookMs) => pauseAfter({ tookMs, idle: 0 }, isHurried));
  expect(pauses(true)).toEqual([200, 200, 400, 1000]);
  expect(pauses(false)).toEqual([1000, 1000, 1000, 1000]);
});

test('the longer nothing is to be done, the rarer it looks', () => {
  expect([0, 1, 2, 3, 1e9].map((idle) => pauseAfter({ tookMs: 5, idle }, false))).toEqual([
    1000, 2000, 4000, 4000, 4000,
  ]);
});
