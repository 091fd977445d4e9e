/** Lists take turns, and each keeps its order. */
import { expect, test } from 'vitest';
import { mixFairly } from './mix-fairly.js';

test.each<[string, number[][], number[]]>([
  ['nobody wants anything', [], []],
  ['lists without anything', [[], []], []],
  ['one list', [[1, 2, 3]], [1, 2, 3]],
  ['a long one with short ones', [[1, 2, 3, 4], [10], [20, 21]], [1, 10, 20, 2, 21, 3, 4]],
  ['a short one first', [[1], [10, 11]], [1, 10, 11]],
])('%s', (_what, lists, mixed) => {
  expect(mixFairly(lists)).toEqual(mixed);
});
