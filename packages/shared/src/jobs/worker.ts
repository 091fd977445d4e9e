/**
 * worker.ts: runs handlers on a queue; the only file that knows BullMQ's outcomes.
 * A shutdown is not a failure, a flood wait is a date: neither uses an attempt.
 */
import { DelayedError, type Job, UnrecoverableError, WaitingError, type Worker } from 'bullmq';
import type { Logger } from '../app/index.js';
import { PermanentError, RetryAfterError } from '../errors/index.js';
import { type JobName, jobs, type JobsOn, type Payload, type QueueName } from './catalog.js';
import type { QueueConnection } from './connection.js';
import { nowAndThen } from './now-and-then.js';

/** What a handler gets beside its payload. */
export interface JobContext {
  log: Logger;
  /** Aborted when this process shall stop: give up quickly, the job goes to another worker. */
  signal: AbortSignal;
  /** Whether this is the last attempt: a failure now is the job's end. */
  lastAttempt: boolean;
  progress(value: object): Promise<void>;
  note(line: string): Promise<void>;
}

/** A handler for each job of a queue; a missing one does not compile. */
export type Handlers<Q extends QueueName> = {
  [N in JobsOn<Q>]: (payload: Payload<N>, context: JobContext) => Promise<void>;
};

export interface WorkerSettings {
  concurrency: number;
  log: Logger;
}

/** How long a handler may go on after the soft stop. */
const softStopMs = 5000;

export function startWorker<Q extends QueueName>(
  connection: QueueConnection,
  queue: Q,
  handlers: Handlers<Q>,
  { concurrency, log }: WorkerSettings,
): Worker {
  const process = async (job: Job, token?: string, signal?: AbortSignal): Promise<void> => {
    // BullMQ gives the signal only to a function that declares all three parameters.
    const { handle, payload } = find(handlers, job);
    const jobLog = log.child({ job: job.name, jobId: job.id, attempt: job.attemptsMade + 1 });
    try {
      await handle(payload, {
        log: jobLog,
        signal: signal!,
        lastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
        progress: (value) => job.updateProgress(value),
        note: async (line) => void (await job.log(line)),
      });
    } catch (error) {
      await settle(error, job, token!, signal!, jobLog);
    }
  };
  const worker = connection.worker(queue, process, {
    concurrency,
    lockDuration: 15_000,
    stalledInterval: 5000,
    maxStalledCount: 1_000_000, // a job whose worker was killed has not failed
    autorun: true,
  });
  const tell = nowAndThen((error) => log.warn({ reason: error.message }, 'queue trouble'));
  worker.on('error', (error) => {
    tell(error);
    connection.heal(error).catch(tell);
  });
  return worker;
}

/** Takes no new jobs, lets running ones end for a few seconds, then cancels them; they go back to the queue. */
export async function stopWorker(worker: Worker): Promise<void> {
  const timer = setTimeout(() => worker.cancelAllJobs('shutdown'), softStopMs);
  try {
    await worker.close();
  } finally {
    clearTimeout(timer);
  }
}

function find<Q extends QueueName>(handlers: Handlers<Q>, job: Job) {
  const handle = handlers[job.name as JobsOn<Q>] as
    ((payload: unknown, context: JobContext) => Promise<void>) | undefined;
  const payload = jobs[job.name as JobName]?.payload.safeParse(job.data);
  if (!handle || !payload?.success) throw new UnrecoverableError(`${job.name}: unknown job or bad payload`);
  return { handle, payload: payload.data };
}

async function settle(error: unknown, job: Job, token: string, signal: AbortSignal, log: Logger): Promise<never> {
  if (signal.aborted) {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  if (error instanceof RetryAfterError) {
    log[error.delayMs > 0 ? 'info' : 'debug'](
      { delayMs: error.delayMs, reason: error.message },
      'job comes back later',
    );
    if (error.delayMs > 0) await job.log(`${error.message}.`); // the dashboard shows it
    await job.moveToDelayed(Date.now() + error.delayMs, token);
    throw new DelayedError();
  }
  if (error instanceof PermanentError) {
    log.warn({ reason: error.message }, 'job failed for good');
    throw inOneLine(new UnrecoverableError(error.message));
  }
  log.warn({ err: error }, 'job failed');
  throw inOneLine(new Error((error as Error).message, { cause: error }));
}

/** The queue keeps the stack and the dashboard shows it: a person needs the one line, the log has the rest. */
function inOneLine(error: Error): Error {
  error.stack = error.message;
  return error;
}
