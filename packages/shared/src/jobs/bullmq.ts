/**
 * bullmq.ts: what we run of BullMQ and its Redis client. They are CommonJS packages of hundreds of files; to import their names, Node would parse
 * each file twice, which is a tenth of an app's start.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const {
  DelayedError,
  PostgresConnection,
  PostgresQueueBackend,
  Queue,
  runMigrations,
  UnrecoverableError,
  WaitingError,
  withBackend,
  Worker,
} = require('bullmq') as typeof import('bullmq');
export const { Redis } = require('ioredis') as typeof import('ioredis');
