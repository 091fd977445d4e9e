/** How soon the planner looks again. */
import { expect, test } from 'vitest';
import { pauseAfter } from './planning.js';

test('who waits for the end is told of it soon, but planning is never all that happens', () => {
  expect([0, 10, 100, 5000].map((it) => pauseAfter(it, true))).toEqual([200, 200, 400, 1000]);
  expect([0, 5000].map((it) => pauseAfter(it, false))).toEqual([1000, 1000]);
});
