/** How soon the planner polls again. */
import { expect, test } from 'vitest';
import { pauseAfter } from './planning.js';

test('with --once the end is noticed soon, but planning never takes all the time', () => {
  const pauses = (isHurried: boolean) => [0, 10, 100, 5000].map((tookMs) => pauseAfter({ tookMs, idle: 0 }, isHurried));
  expect(pauses(true)).toEqual([200, 200, 400, 1000]);
  expect(pauses(false)).toEqual([1000, 1000, 1000, 1000]);
});

test('the longer there is nothing to do, the less often it polls', () => {
  expect([0, 1, 2, 3, 1e9].map((idle) => pauseAfter({ tookMs: 5, idle }, false))).toEqual([
    1000, 2000, 4000, 4000, 4000,
  ]);
});
