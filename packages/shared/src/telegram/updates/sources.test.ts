/** What comes while a difference is being taken waits for it, within bounds. */
import { expect, test } from 'vitest';
import { Box } from './box.js';
import { type Arrived, Source } from './sources.js';

test('too many updates during a difference are asked for by another one', () => {
  const source = new Source(new Box<Arrived>(1));
  source.isAsking = true;
  const step = (pts: number) => ({ pts, count: 1, update: {} as Arrived });
  for (let pts = 2; pts <= 10_001; pts++) source.keep(step(pts));
  source.keep(step(10_002));
  source.keep(step(10_003));
  expect(source.answered()).toEqual([step(10_003)]);
  expect(source.box.needsDifference).toBe(true);
});
