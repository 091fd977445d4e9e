/**
 * recorded.ts: what `workers --scenarios small --scale 60` measured with queues in Postgres and in Redis, and `small` in flushes: two cores that
 * other programs used, too. Replace it all together.
 */
import type { Costs, Site } from './costs.js';

const costs: Costs = {
  worker: 4.8,
  postgres: 2.9,
  queue: 2.4,
  redis: 0.26,
  telegram: 0.8,
  flushes: 2.9,
  flushesPerSecond: 3400,
};

const site: Omit<Site, 'others'> = { queue: 'Postgres', answerMs: 1, requests: 128, cores: 2, isOneMachine: true };

/** Of each worker in CPU milliseconds until its code is compiled and its connections are open, for each of the 1,080 files measured. */
const start = 0.65;

export const recorded = {
  costs,
  site,
  inFlight: 5,
  /** What a file cost in so short a run. */
  costsWith: (workers: number): Costs => ({ ...costs, worker: costs.worker + start * workers }),
  /** The round in the middle of three: files a second, and how many cores other programs used meanwhile. */
  curve: [
    { workers: 1, filesPerSecond: 99, others: 0.72 },
    { workers: 2, filesPerSecond: 100, others: 0.67 },
    { workers: 4, filesPerSecond: 81, others: 0.82 },
  ],
};
