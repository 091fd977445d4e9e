/**
 * worker.ts: runs handlers on a queue; the only file that knows BullMQ's outcomes. Neither a shutdown nor a flood wait is a failure:
 * neither uses up an attempt.
 */
import type { Job, Worker } from 'bullmq';
import { asCalled, type Logger } from '../app/index.js';
import { PermanentError, NotItsTurnError, PlaceAwayError, RetryAfterError } from '../errors/index.js';
import { DelayedError, UnrecoverableError, WaitingError } from './bullmq.js';
import { jobs, type JobsOn, parseJob, type Payload, type QueueName } from './catalog.js';
import type { QueueConnection } from './connection.js';
import { Gate } from './gate.js';
import { throttleErrors } from './throttle-errors.js';

/** What a handler gets besides its payload. */
export interface JobContext {
  log: Logger;
  /** Aborted when this process is to stop: return quickly, the job goes to another worker. */
  signal: AbortSignal;
  /**
   * Whether this is the last attempt, so that a failure now ends the job. This comes from the queue, where anybody may have written it:
   * final outcomes have to be counted in Postgres.
   */
  lastAttempt: boolean;
  progress(value: object): Promise<void>;
  note(line: string): Promise<void>;
}

/**
 * A handler for each job of a queue; a missing one is a compile error. The returned line is kept with the job, for people. Other outcomes
 * are errors: throw RetryAfterError to reschedule, PermanentError to fail for good; anything else counts as a failed attempt.
 */
export type Handlers<Q extends QueueName> = {
  [N in JobsOn<Q>]: (payload: Payload<N>, context: JobContext) => Promise<string | void>;
};

export interface WorkerSettings {
  concurrency: number;
  log: Logger;
}

export interface QueueWorker {
  /** Whether it takes jobs. */
  gate: Gate;
  run: Worker;
}

/** How long a handler may continue after the soft stop, in milliseconds. */
const softStopMs = 5000;

/**
 * How long an idle worker waits before it looks for a job by itself, in seconds. New jobs, delayed ones and a queue that is resumed all wake
 * it, and so does a broken connection to Postgres: looking more often only costs both sides. BullMQ on Redis blocks up to ten seconds.
 */
const drainDelay = 60;

/** Starts a worker on a queue, with up to `concurrency` jobs in parallel. Stop it with {@link stopWorker}. */
export function startWorker<Q extends QueueName>(
  connection: QueueConnection,
  queue: Q,
  handlers: Handlers<Q>,
  { concurrency, log }: WorkerSettings,
): QueueWorker {
  const process = async (job: Job, token?: string, signal?: AbortSignal): Promise<string | void> => {
    // BullMQ passes the signal only to a function that declares all three parameters.
    const { name, payload } = known(queue, job);
    const handle = handlers[name as JobsOn<Q>] as (payload: unknown, context: JobContext) => Promise<string | void>;
    const jobLog = log.child({ job: job.name, jobId: job.id, attempt: job.attemptsMade + 1 });
    try {
      const result = await handle(payload, {
        log: jobLog,
        signal: signal!,
        lastAttempt: job.attemptsMade + 1 >= Math.min(job.opts.attempts ?? 1, jobs[name].attempts),
        progress: async (value) => await shown(() => job.updateProgress(value)),
        note: async (line) => await shown(() => job.log(asCalled(line))),
      });
      gate.passed();
      return result;
    } catch (error) {
      if (error instanceof PlaceAwayError) gate.waits(error.delayMs);
      else gate.passed();
      await settle(error, job, token!, signal!, jobLog);
    }
  };
  const worker = connection.worker(queue, process, {
    concurrency,
    lockDuration: 15_000,
    stalledInterval: 5000,
    drainDelay,
    maxStalledCount: 1_000_000, // a job whose worker was killed has not failed
    autorun: true,
  });
  const gate = new Gate(worker);
  const reportError = throttleErrors((error) => log.warn({ reason: error.message }, 'queue error'));
  worker.on('error', (error) => {
    reportError(error);
    connection.heal(error).catch(reportError);
  });
  return { gate, run: worker };
}

/** Stops taking jobs, gives running ones a few seconds to finish, then cancels them; they go back to the queue. */
export async function stopWorker({ gate, run: worker }: QueueWorker): Promise<void> {
  gate.close();
  const timer = setTimeout(() => worker.cancelAllJobs('shutdown'), softStopMs);
  try {
    await worker.close();
  } finally {
    clearTimeout(timer);
  }
}

function known(queue: QueueName, job: Job) {
  const parsed = parseJob(queue, job);
  if (!parsed) throw inOneLine(new UnrecoverableError(`${job.name}: unknown job or bad payload`));
  return parsed;
}

/** Writes to the job's log in the dashboard; if the queue refuses, only that line is lost, and no attempt. */
async function shown(write: () => Promise<unknown>): Promise<void> {
  await write().catch(() => {});
}

async function settle(error: unknown, job: Job, token: string, signal: AbortSignal, log: Logger): Promise<never> {
  if (signal.aborted) {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  if (error instanceof RetryAfterError) {
    const isQuiet = error.delayMs <= 0 || error instanceof PlaceAwayError || error instanceof NotItsTurnError;
    log[isQuiet ? 'debug' : 'info']({ delayMs: error.delayMs, reason: error.message }, 'job rescheduled');
    if (!isQuiet) await shown(() => job.log(asCalled(`${error.message}.`))); // the dashboard shows it
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

/** The queue keeps the stack and the dashboard shows it: people only need the one line, and the log has the rest. */
function inOneLine(error: Error): Error {
  error.stack = error.message;
  return error;
}
