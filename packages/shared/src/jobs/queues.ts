/**
 * queues.ts: puts planned jobs into their queues, within a bound: the rest stays in Postgres and is found again.
 */
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { type JobName, jobs, type PlannedJob, type QueueName, queueNames } from './catalog.js';
import { connectQueues, type QueueConnection, type QueueSettings } from './connection.js';
import { nowAndThen } from './now-and-then.js';

/** Jobs that may wait in one queue. More would only be a second copy of what Postgres knows. */
const bounds: Record<QueueName, number> = { history: 500, telegram: 200, media: 500 };

/** `add` waits for ever while Redis is away; a planner has to notice. */
const patienceMs = 15_000;

export interface JobCounts {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}

export interface WaitingJob {
  data: Record<string, unknown>;
  /** Takes it out of the queue; does nothing when a worker was faster. */
  remove(): Promise<void>;
}

export interface Queues {
  readonly connection: QueueConnection;
  /** BullMQ's own queues, for the dashboard. */
  readonly byName: Readonly<Record<QueueName, Queue>>;
  /** Throws when the queue's server does not answer. */
  ping(): Promise<void>;
  /** How many jobs a queue takes before its bound. */
  room(queue: QueueName): Promise<number>;
  enqueue(planned: readonly PlannedJob[]): Promise<void>;
  counts(queue: QueueName): Promise<JobCounts>;
  /** Jobs that no worker has taken yet. */
  waiting(queue: QueueName): Promise<WaitingJob[]>;
  close(): Promise<void>;
}

export async function openQueues(settings: QueueSettings, onError: (error: Error) => void): Promise<Queues> {
  const connection = await connectQueues(settings);
  const tell = nowAndThen(onError);
  const queues = {} as Record<QueueName, Queue>;
  for (const name of queueNames) {
    queues[name] = connection.queue(name);
    queues[name].on('error', tell);
  }

  async function healing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await inTime(work());
    } catch (error) {
      await connection.heal(error).catch(() => {}); // the next try tells
      throw error;
    }
  }

  async function counts(name: QueueName): Promise<JobCounts> {
    const it = await healing(() => queues[name].getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'));
    return {
      waiting: (it.waiting ?? 0) + (it.prioritized ?? 0),
      active: it.active ?? 0,
      delayed: it.delayed ?? 0,
      failed: it.failed ?? 0,
    };
  }

  return {
    connection,
    byName: queues,
    counts,
    async ping() {
      await healing(() => queues.history.getJobCounts('active'));
    },
    async room(name) {
      const { waiting, delayed } = await counts(name);
      return Math.max(0, bounds[name] - waiting - delayed);
    },
    async enqueue(planned) {
      for (const name of queueNames) {
        const mine = planned.filter((it) => jobs[it.name].queue === name);
        if (mine.length > 0) await healing(() => queues[name].addBulk(mine.map(bulkJob)));
      }
    },
    async waiting(name) {
      const found = await healing(() => queues[name].getJobs(['waiting', 'prioritized', 'delayed']));
      return found.map((job) => ({
        data: job.data as Record<string, unknown>,
        remove: () => job.remove().catch(() => {}),
      }));
    },
    async close() {
      for (const name of queueNames) await queues[name].close();
      await connection.close();
    },
  };
}

function bulkJob({ name, payload, title }: PlannedJob) {
  const { attempts, key, payload: schema } = jobs[name] as (typeof jobs)[JobName] & { key: (it: unknown) => string };
  return {
    name,
    data: { ...(z.encode(schema as z.ZodType, payload) as object), ...(title ? { title } : {}) },
    opts: {
      attempts,
      backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
      deduplication: { id: key(payload) },
      removeOnComplete: { age: 3600, count: 1000 },
      removeOnFail: { age: 30 * 24 * 3600, count: 10_000 },
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the queue does not answer')), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
