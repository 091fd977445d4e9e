/** Concurrent calls share runs, and each gets its own answer or its own error. */
import { expect, test } from 'vitest';
import { batched } from './index.js';

test('calls made while a run is under way share the next one', async () => {
  const runs: number[][] = [];
  const gates: (() => void)[] = [];
  const double = batched(async (items: readonly number[]) => {
    runs.push([...items]);
    await new Promise<void>((go) => gates.push(go));
    return items.map((it) => it * 2);
  });
  const first = [double(1), double(2)];
  await Promise.resolve();
  expect(runs).toEqual([[1, 2]]);
  const later = [double(3), double(4), double(5)];
  gates[0]!();
  expect(await Promise.all(first)).toEqual([2, 4]);
  expect(runs).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  gates[1]!();
  expect(await Promise.all(later)).toEqual([6, 8, 10]);
});

test('an error stays with the call that caused it', async () => {
  const runs: number[][] = [];
  const check = batched(async (items: readonly number[]) => {
    runs.push([...items]);
    if (items.includes(2)) throw new Error('not 2');
    return items;
  });
  const answers = await Promise.allSettled([check(1), check(2), check(3)]);
  expect(answers.map((it) => it.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(runs).toEqual([[1, 2, 3], [1], [2], [3]]);
  expect(await check(4)).toBe(4);
});

test('a run has an upper bound', async () => {
  const sizes: number[] = [];
  const count = batched(async (items: readonly number[]) => {
    sizes.push(items.length);
    return items;
  });
  const all = Array.from({ length: 130 }, (_, index) => index);
  expect(await Promise.all(all.map(count))).toEqual(all);
  expect(sizes).toEqual([64, 64, 2]);
});
