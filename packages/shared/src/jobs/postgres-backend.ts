/**
 * postgres-backend.ts: makes BullMQ's Postgres backend survive an outage as its Redis one does. Unchanged, it remembers for ever that
 * Postgres did not answer when it was created, and a worker retries without a pause: every attempt fails at once, so the process does
 * nothing else and cannot even be stopped.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendFactory, PostgresConnectionOptions, QueueBaseOptions } from 'bullmq';
import { PostgresConnection, PostgresQueueBackend } from './bullmq.js';

const pauseMs = 500;
/** Old jobs are removed at every so many completions of a process: finding them means to read all that are kept. */
const completionsToRemoval = 50;

class Connection extends PostgresConnection {
  /** The migrations have run already: each query finds out for itself whether Postgres answers. */
  override async waitUntilReady(): Promise<void> {}
}

class Backend extends PostgresQueueBackend {
  private completions = 0;

  override async moveToActive(token: string, name?: string) {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await sleep(pauseMs);
      throw error;
    }
  }

  override async moveToCompleted(
    ...[job, value, remove, token, fetchNext]: Parameters<InstanceType<typeof PostgresQueueBackend>['moveToCompleted']>
  ) {
    const isDue = remove === true || this.completions++ % completionsToRemoval === 0;
    return await super.moveToCompleted(job, value, isDue && remove, token, fetchNext);
  }

  /** BullMQ's own check writes its time to the disk whenever it runs, which an idle queue would do every few seconds for ever. */
  override async moveStalledJobsToWait() {
    const [active] = await this.getCounts(['active']);
    return active === 0 ? [] : await super.moveStalledJobsToWait();
  }
}

export const createPatientBackend: BackendFactory<Backend, PostgresConnectionOptions> = (
  name,
  opts: QueueBaseOptions<PostgresConnectionOptions>,
  { withBlockingConnection = false } = {},
) => {
  // The connection is named after its queue, so that workers can be counted.
  return new Backend(new Connection(opts.connection), name, opts, true, withBlockingConnection ? name : undefined);
};
