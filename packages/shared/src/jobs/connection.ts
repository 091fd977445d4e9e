/** connection.ts: the only place that knows whether the queues are in Redis or in Postgres (BullMQ's own backend, schema `bullmq`). */
import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import { postgresOptions } from '../config/index.js';
import { openPool } from '../postgres/index.js';
import * as bullmq from './bullmq.js';
import { createPatientBackend } from './postgres-backend.js';
import { withoutEvents } from './without-events.js';

export interface QueueSettings {
  /** If given, the queues are in Redis. */
  redisUrl: string | undefined;
  databaseUrl: string;
  /** The archive's id: several archives may share one Redis. */
  archive: string;
  /** Upper bound on workers in this process; each holds a pool connection while it waits. */
  workers?: number;
}

/** Creates queues and workers on one backend; close it after all of them. */
export interface QueueConnection {
  readonly backend: 'redis' | 'postgres';
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection'>): Worker;
  /** Removes a job that may not even be valid. */
  discard(queue: Queue, id: string): Promise<void>;
  /** Call it for every queue error: if its tables are gone, they are created again (the jobs come from the planner). */
  heal(error: unknown): Promise<void>;
  close(): Promise<void>;
}

export async function connectQueues(settings: QueueSettings): Promise<QueueConnection> {
  return settings.redisUrl ? onRedis(settings.redisUrl, prefixOf(settings.archive)) : await onPostgres(settings);
}

/** The prefix of all of an archive's keys in Redis. */
function prefixOf(archive: string): string {
  return `tgsync-${archive}`;
}

function onRedis(url: string, prefix: string): QueueConnection {
  // Workers block on their connection, so they wait for ever for a Redis that comes back.
  const connection = new bullmq.Redis(url, { maxRetriesPerRequest: null });
  return {
    backend: 'redis',
    queue: (name) => new bullmq.Queue(name, { connection, prefix }),
    worker: (name, processor, options) => new bullmq.Worker(name, processor, { ...options, connection, prefix }),
    async discard(queue, id) {
      const key = (name: string) => queue.toKey(name);
      const lists = ['wait', 'active', 'paused'].map((it) => connection.lrem(key(it), 0, id));
      const sets = ['prioritized', 'delayed'].map((it) => connection.zrem(key(it), id));
      await Promise.allSettled([...lists, ...sets, connection.del(key(id))]); // one of them may be of another type itself
    },
    heal: async () => {}, // Redis creates what it lacks by itself
    close: async () => {
      await connection.quit().catch(() => connection.disconnect());
    },
  };
}

/** Postgres: undefined table, schema, function, type. */
const lacksTables = new Set(['42P01', '3F000', '42883', '42704']);

async function onPostgres({ databaseUrl, workers = 2 }: QueueSettings): Promise<QueueConnection> {
  const given = postgresOptions(databaseUrl);
  // Jobs can be derived again, so no step of a queue waits for the disk.
  const options = [given.options, '-c search_path=bullmq -c synchronous_commit=off'].filter(Boolean).join(' ');
  const pool = openPool({ ...given, options }, workers + 6);
  const migrate = async () => {
    const client = await pool.connect();
    try {
      await bullmq.runMigrations(client);
      await withoutEvents(client);
    } finally {
      client.release();
    }
  };
  await migrate();
  let healing: Promise<void> | undefined;
  const { Queue: PgQueue, Worker: PgWorker } = bullmq.withBackend(createPatientBackend);
  return {
    backend: 'postgres',
    queue: (name) => new PgQueue(name, { connection: pool }) as unknown as Queue,
    worker: (name, processor, options) =>
      new PgWorker(name, processor, { ...options, connection: pool }) as unknown as Worker,
    discard: async (queue, id) => void (await queue.remove(id)),
    async heal(error) {
      if (!lacksTables.has((error as { code?: string }).code ?? '')) return;
      healing ??= migrate().finally(() => (healing = undefined));
      await healing;
    },
    close: () => pool.end(),
  };
}
