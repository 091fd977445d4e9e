/**
 * postgres-backend.ts: BullMQ's Postgres backend, as patient with an outage as its Redis one. As it comes it remembers for ever that
 * Postgres did not answer when it was built, and a worker asks again without a pause: each refusal then comes at once, so that the
 * process does nothing else and cannot even be stopped.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BackendFactory,
  PostgresConnection,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  type QueueBaseOptions,
} from 'bullmq';

const pauseMs = 500;

class Connection extends PostgresConnection {
  /** The migrations ran before: whether Postgres answers is seen by each query for itself. */
  override async waitUntilReady(): Promise<void> {}
}

class Backend extends PostgresQueueBackend {
  override async moveToActive(token: string, name?: string) {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await sleep(pauseMs);
      throw error;
    }
  }
}

export const createPatientBackend: BackendFactory<Backend, PostgresConnectionOptions> = (
  name,
  opts: QueueBaseOptions<PostgresConnectionOptions>,
  { withBlockingConnection = false } = {},
) => {
  // Named after its queue, the connection of a worker is found by who counts the workers.
  return new Backend(new Connection(opts.connection), name, opts, true, withBlockingConnection ? name : undefined);
};
