/** Whatever order, doubling and loss: with a difference at the end, everything was applied, and nothing twice. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Box, type Step } from './box.js';
import { check } from './check.js';

describe('check()', () => {
  test.for([
    [10, 11, 1, 'apply'],
    [10, 15, 5, 'apply'],
    [10, 10, 0, 'apply'], // stands for nothing, but has content
    [10, 10, 1, 'seen'],
    [10, 9, 0, 'seen'],
    [10, 12, 5, 'overlap'],
    [10, 12, 1, 'gap'],
    [10, 12, 0, 'gap'],
    [undefined, 12, 1, 'unknown'],
    [10, 12, -1, 'bad'],
    [10, 2, 3, 'bad'],
    [10, 0, 0, 'bad'],
    [undefined, 0, 0, 'bad'],
  ] as const)('at %s, pts %s with %s events: %s', ([local, pts, count, verdict]) => {
    expect(check(local, pts, count)).toBe(verdict);
  });
});

/** A true sequence from pts 1: the counts of its updates. */
const counts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 });

const stepsOf = (all: readonly number[]): Step<number>[] => {
  let pts = 1;
  return all.map((count, update) => ({ pts: (pts += count), count, update }));
};

test('any order, doubling and loss, then a difference: the end of the sequence, and nothing twice or out of order', () => {
  const scenario = counts.chain((all) => {
    const steps = stepsOf(all);
    const arriving = fc.array(fc.nat({ max: steps.length - 1 }), { maxLength: 60 });
    return fc.tuple(fc.constant(steps), arriving);
  });
  fc.assert(
    fc.property(scenario, ([steps, arriving]) => {
      const box = new Box<number>(1);
      const applied: Step<number>[] = [];
      const withContent = (it: Step<number>) => it.count > 0;
      for (const index of arriving) applied.push(...box.offer(steps[index]!));
      const inOrder = applied.filter(withContent).map((it) => it.update);
      expect(inOrder).toEqual([...new Set(inOrder)].toSorted((a, b) => a - b));
      expect(box.pts).toBe(applied.findLast(withContent)?.pts ?? 1);

      // What the server would tell: everything after the box's pts.
      const end = steps.at(-1)!.pts;
      const difference = steps.filter((it) => it.pts > box.pts!).map((it) => it.update);
      const held = box.moveTo(end).filter(withContent);
      expect(held).toEqual([]);
      expect(box.pts).toBe(end);
      expect(box.needsDifference).toBe(false);
      expect(box.hasGap).toBe(false);
      const whole = steps.filter(withContent).map((it) => it.update);
      expect([...inOrder, ...difference.filter((it) => withContent(steps[it]!))]).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});

test('a gap that is filled passes on what was held, in order', () => {
  const box = new Box<string>(10);
  expect(box.offer({ pts: 13, count: 1, update: 'c' })).toEqual([]);
  expect(box.offer({ pts: 12, count: 1, update: 'b' })).toEqual([]);
  expect(box.offer({ pts: 12, count: 1, update: 'b' })).toEqual([]);
  expect(box.hasGap).toBe(true);
  expect(box.offer({ pts: 11, count: 1, update: 'a' }).map((it) => it.update)).toEqual(['a', 'b', 'c']);
  expect(box).toMatchObject({ pts: 13, hasGap: false, needsDifference: false });
});

test('a difference into the middle of what is held leaves the rest waiting', () => {
  const box = new Box<string>(10);
  for (const pts of [13, 14, 17]) box.offer({ pts, count: 1, update: `${pts}` });
  expect(box.moveTo(13).map((it) => it.update)).toEqual(['14']);
  expect(box).toMatchObject({ pts: 14, hasGap: true, needsDifference: false });
});

test.for([
  ['applied in part', { pts: 12, count: 5 }],
  ['impossible', { pts: 3, count: 7 }],
] as const)('what is %s needs a difference and changes nothing', ([, numbers]) => {
  const box = new Box<string>(10);
  expect(box.offer({ ...numbers, update: 'x' })).toEqual([]);
  expect(box).toMatchObject({ pts: 10, needsDifference: true });
});

test('a piece of a difference that is not the last shows messages as they are now: what is held waits for the last one', () => {
  const box = new Box<string>(10);
  box.offer({ pts: 13, count: 1, update: 'shown by the piece' });
  box.offer({ pts: 15, count: 1, update: 'after the last piece' });
  expect(box.moveTo(12, false)).toEqual([]);
  expect(box.moveTo(14)).toMatchObject([{ update: 'after the last piece' }]);
});

test('a box without a state asks for one', () => {
  const box = new Box<string>(undefined);
  expect(box.offer({ pts: 5, count: 1, update: 'x' })).toEqual([]);
  expect(box.needsDifference).toBe(true);
});

test('what waits is bounded', () => {
  const box = new Box<number>(1);
  for (let pts = 3; pts < 20_000; pts++) box.offer({ pts, count: 1, update: pts });
  expect(box.needsDifference).toBe(true);
  expect(box.moveTo(20_000)).toEqual([]);
  expect(box.hasGap).toBe(false);
});
