/** The model agrees with arithmetic where that is possible, and with what was measured as far as it says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plantOf } from './costs.js';
import { simulate } from './model.js';
import { recorded } from './recorded.js';

const disk = { name: 'disk', servers: 1 };

test('without anything to share, jobs take their time', () => {
  const { jobsPerSecond, limit } = simulate({
    stations: [],
    workers: 4,
    inFlight: 5,
    steps: [{ needs: [], ms: 60 }],
  });
  expect(jobsPerSecond).toBeCloseTo((4 * 5 * 1000) / 60);
  expect(limit).toBeUndefined();
});

test('a worker does one thing at a time', () => {
  const steps = [{ needs: ['worker'], ms: 5 }];
  expect(simulate({ stations: [], workers: 3, inFlight: 5, steps })).toMatchObject({ limit: 'worker' });
  expect(simulate({ stations: [], workers: 3, inFlight: 5, steps }).jobsPerSecond).toBeCloseTo(600, -1);
});

test('what is used longest limits, and no more jobs end than that allows', () => {
  const ms = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(
      ms,
      ms,
      ms,
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 6 }),
      (own, shared, wait, ...of) => {
        const [workers, inFlight] = of;
        const steps = [
          { needs: ['worker'], ms: own },
          { needs: ['disk'], ms: shared },
          { needs: [], ms: wait },
        ];
        const { jobsPerSecond, used } = simulate({ stations: [disk], workers, inFlight, steps }, 600);
        const most = Math.min(
          (workers * 1000) / own,
          1000 / shared,
          (workers * inFlight * 1000) / (own + shared + wait),
        );
        expect(jobsPerSecond).toBeLessThan(most * 1.05);
        expect(jobsPerSecond).toBeGreaterThan(most * 0.5);
        for (const share of used.values()) expect(share).toBeLessThan(1.05);
      },
    ),
  );
});

/** Other programs do not take their part of the cores evenly. */
const tolerance = 0.2;

test.for(recorded.curve)(
  'with $workers workers it foretells what was measured, to a fifth',
  ({ workers, filesPerSecond, others }) => {
    const plant = plantOf(recorded.costsWith(workers), { ...recorded.site, others }, workers, recorded.inFlight);
    const { jobsPerSecond } = simulate(plant);
    expect(Math.abs(jobsPerSecond / filesPerSecond - 1)).toBeLessThan(tolerance);
  },
);
