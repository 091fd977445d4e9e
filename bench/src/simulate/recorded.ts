/**
 * recorded.ts: what `workers --scenarios small --scale 50` measured with queues in Postgres and in Redis, and `small` in flushes: two cores that
 * other programs used, too. Replace it all together.
 */
import type { Costs, Site } from './costs.js';

const costs: Costs = {
  worker: 4.8,
  postgres: 2.6,
  queue: 1,
  redis: 0.28,
  telegram: 0.9,
  flushes: 2.9,
  flushesPerSecond: 3400,
};

const site: Omit<Site, 'others'> = { queue: 'Postgres', answerMs: 1, requests: 128, cores: 2, isOneMachine: true };

/** Of each worker in CPU milliseconds until its code is compiled and its connections are open, for each of the 900 files measured. */
const start = 0.6;

export const recorded = {
  costs,
  site,
  inFlight: 5,
  /** What a file cost in so short a run. */
  costsWith: (workers: number): Costs => ({ ...costs, worker: costs.worker + start * workers }),
  /** Files a second, and how many cores other programs used meanwhile. */
  curve: [
    { workers: 1, filesPerSecond: 90, others: 1.05 },
    { workers: 2, filesPerSecond: 121, others: 0.72 },
    { workers: 4, filesPerSecond: 99, others: 0.79 },
  ],
};
