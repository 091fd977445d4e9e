/** queues.ts: enqueues planned jobs up to a bound: the rest stays in Postgres and is found again. */
import type { Job, JobType, Queue } from 'bullmq';
import { z } from 'zod';
import { type JobName, jobs, parseJob, type PlannedJob, type QueueName, queueNames } from './catalog.js';
import { connectQueues, type QueueConnection, type QueueSettings } from './connection.js';
import { throttleErrors } from './throttle-errors.js';

/** Jobs that may wait in one queue. More would only duplicate what Postgres knows. */
const bounds: Record<QueueName, number> = { history: 500, telegram: 200, media: 500 };

/** Lines kept in a job's log, which would otherwise grow without limit for a job that is often rescheduled. */
const keptLogLines = 50;

/** `add` waits for ever while Redis is down, but the planner has to notice. Milliseconds. */
const patienceMs = 15_000;

export interface JobCounts {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}

/** A job that no worker has taken yet. */
export interface WaitingJob {
  job: PlannedJob;
  /** Removes it from the queue; does nothing if a worker was faster. */
  remove(): Promise<void>;
}

export interface Queues {
  readonly connection: QueueConnection;
  /** BullMQ's own queues, for the dashboard. */
  readonly byName: Readonly<Record<QueueName, Queue>>;
  /** Throws when the queue's server does not answer. */
  ping(): Promise<void>;
  /** How many more jobs a queue takes. */
  capacity(queue: QueueName): Promise<number>;
  enqueue(planned: readonly PlannedJob[]): Promise<void>;
  counts(queue: QueueName): Promise<JobCounts>;
  /** Queues that a person has paused in the dashboard. */
  paused(): Promise<QueueName[]>;
  /** Jobs that no worker has taken yet. */
  waiting(queue: QueueName): Promise<WaitingJob[]>;
  /** Removes jobs that are not ours: unknown, malformed or unreadable. Returns how many. */
  removeUnreadable(queue: QueueName): Promise<number>;
  close(): Promise<void>;
}

/** Connects to the queues, in Redis or in Postgres. `onError` gets connection errors, at most one a minute. */
export async function openQueues(settings: QueueSettings, onError: (error: Error) => void): Promise<Queues> {
  const connection = await connectQueues(settings);
  const reportError = throttleErrors(onError);
  const queues = {} as Record<QueueName, Queue>;
  for (const name of queueNames) {
    queues[name] = connection.queue(name);
    queues[name].on('error', reportError);
  }

  async function healing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await inTime(work());
    } catch (error) {
      await connection.heal(error).catch(() => {}); // the next attempt shows whether it worked
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

  /** `raw` is undefined if the entry is not a job at all. */
  async function jobsIn(name: QueueName, types: JobType[]): Promise<{ id: string; raw: Job | undefined }[]> {
    const ids = await healing(() => queues[name].getRanges(types, 0, -1));
    const found = await Promise.all(ids.map((id) => readJob(queues[name], id)));
    return ids.flatMap((id, at) => (found[at] === 'gone' ? [] : [{ id, raw: found[at] }]));
  }

  return {
    connection,
    byName: queues,
    counts,
    async ping() {
      await healing(() => queues.history.getJobCounts('active'));
    },
    async paused() {
      const found: QueueName[] = [];
      for (const name of queueNames) if (await healing(() => queues[name].isPaused())) found.push(name);
      return found;
    },
    async capacity(name) {
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
      const found = await jobsIn(name, ['waiting', 'prioritized', 'delayed']);
      return found.flatMap(({ id, raw }) => {
        const job = raw && parseJob(name, raw);
        return job ? [{ job, remove: async () => void (await queues[name].remove(id).catch(() => {})) }] : [];
      });
    },
    async removeUnreadable(name) {
      const found = await jobsIn(name, ['waiting', 'prioritized', 'delayed']);
      const active = await jobsIn(name, ['active']); // a worker that cannot read one puts it back, again and again
      const unreadable = [
        ...found.filter(({ raw }) => raw === undefined || parseJob(name, raw) === undefined),
        ...active.filter(({ raw }) => raw === undefined),
      ];
      for (const { id } of unreadable) await connection.discard(queues[name], id);
      return unreadable.length;
    },
    async close() {
      for (const name of queueNames) await queues[name].close();
      await connection.close();
    },
  };
}

function bulkJob({ name, payload, title, isUrgent }: PlannedJob) {
  const definition = jobs[name] as (typeof jobs)[JobName] & { key: (it: unknown) => string; priority?: number };
  const { attempts, priority, key, payload: schema } = definition;
  return {
    name,
    data: { ...(z.encode(schema as z.ZodType, payload) as object), ...(title ? { title } : {}) },
    opts: {
      attempts,
      ...(priority === undefined ? {} : { priority }),
      ...(isUrgent && { lifo: true }),
      backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
      deduplication: { id: key(payload) },
      keepLogs: keptLogLines,
      removeOnComplete: { age: 3600, count: 1000 },
      removeOnFail: { age: 30 * 24 * 3600, count: 10_000 },
    },
  };
}

/** undefined: not readable as a job; `gone`: a worker was faster. */
async function readJob(queue: Queue, id: string): Promise<Job | 'gone' | undefined> {
  try {
    return (await inTime(queue.getJob(id))) ?? 'gone';
  } catch (error) {
    if (isOutage(error as Error)) throw error;
    return undefined; // BullMQ trusts its data, which anybody may have written
  }
}

function isOutage({ message, code = '' }: Error & { code?: string }): boolean {
  return /^(08|57P|53|E[A-Z]+$)/.test(code) || /connection|closed|terminat|timeout|does not answer/i.test(message);
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
