/** costs.ts: what a small file costs, as the benchmarks measured it, as the steps of a job on some machines. Pure. */
import type { Plant, Step } from './model.js';

/** Of one file of 20 to 80 KiB, in milliseconds of CPU unless it says otherwise. */
export interface Costs {
  /** Of its media worker, all of which one thread does. */
  worker: number;
  /** Of Postgres, for the file itself, and for its job if the queue is there. */
  postgres: number;
  queue: number;
  /** Of Redis, if the queue is there. */
  redis: number;
  /** Of whatever answers as Telegram, if it is on this machine. */
  telegram: number;
  /** Flushes of folders, files and Postgres' log that a worker waits for, and how many the disk does in a second. */
  flushes: number;
  flushesPerSecond: number;
}

/** What runs where. */
export interface Site {
  queue: 'Postgres' | 'Redis';
  /** Milliseconds until Telegram answers. */
  answerMs: number;
  /** Requests that the account may have on their way: connections of all data centres that have files, times those on each. */
  requests: number;
  /** Cores of the machine with Postgres. */
  cores: number;
  /** Everything, the worker and Telegram too, runs on that machine. */
  isOneMachine: boolean;
  /** Cores of it that other programs use meanwhile. */
  others: number;
}

/** A disk does some flushes side by side. */
const flushesAtOnce = 4;

/** A fleet of so many workers at a site. */
export function plantOf(costs: Costs, site: Site, workers: number, inFlight: number): Plant {
  const { cores, isOneMachine } = site;
  // Others take a part of every core.
  const slower = cores / (cores - site.others);
  const postgres = (ms: number): Step => ({ needs: ['Postgres’ cores'], ms: ms * slower });
  const worker = (ms: number): Step =>
    isOneMachine ? { needs: ['worker', 'Postgres’ cores'], ms: ms * slower } : { needs: ['worker'], ms };
  const flush: Step = { needs: ['disk'], ms: (flushesAtOnce * 1000) / costs.flushesPerSecond };
  const queue = (share: number): Step[] => [
    site.queue === 'Postgres' ? postgres(costs.queue * share) : { needs: ['Redis'], ms: costs.redis * share },
  ];
  const steps: Step[] = [
    ...queue(0.5),
    worker(costs.worker / 4),
    postgres(costs.postgres / 3),
    worker(costs.worker / 4),
    { needs: ['account'], ms: site.answerMs },
    ...(isOneMachine ? [postgres(costs.telegram)] : []),
    worker(costs.worker / 4),
    ...Array.from({ length: Math.round(costs.flushes) }, () => flush),
    postgres(costs.postgres / 3),
    worker(costs.worker / 4),
    postgres(costs.postgres / 3),
    ...queue(0.5),
  ];
  const stations = [
    { name: 'Postgres’ cores', servers: cores },
    { name: 'disk', servers: flushesAtOnce },
    { name: 'Redis', servers: 1 },
    { name: 'account', servers: site.requests },
  ];
  return { stations, workers, inFlight, steps: steps.filter((it) => it.ms > 0) };
}
