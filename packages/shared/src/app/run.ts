/**
 * run.ts: the life of an app: start, wait for a signal (or its own end), close in reverse.
 * SIGTERM and Ctrl-C end it cleanly within seconds; what the person has to mend is said in words and ends it with 1.
 */
import { type Environment, readEnvironment } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import { createAppLogger, type Logger, type LogSettings } from './logger.js';
import { Scope } from './scope.js';

export interface AppContext {
  env: Environment;
  log: Logger;
  /** Makes the log follow the settings. */
  follow: (settings: LogSettings) => Promise<void>;
  /** Ends the app from inside, with the exit code of the process. */
  finish: (exitCode: number) => void;
  /** Aborted when the app shall end: for what waits before anything runs. */
  signal: AbortSignal;
}

/** After this the process ends, closed or not: whatever is cut off is derived again. */
const patienceMs = 20_000;

export async function runApp(name: string, start: (scope: Scope, context: AppContext) => Promise<void>): Promise<void> {
  const { log, follow } = createAppLogger(name);
  const scope = new Scope();
  const stopping = new AbortController();
  let finish!: (exitCode: number) => void;
  const finished = new Promise<number>((resolve) => {
    finish = (exitCode) => {
      resolve(exitCode);
      stopping.abort();
    };
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => finish(0));
  process.on('disconnect', () => finish(0)); // who started us is gone
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unexpected error');
    finish(1);
  });

  let exitCode: number;
  try {
    const ended = start(scope, { env: readEnvironment(), log, follow, finish, signal: stopping.signal }).then(
      () => finished,
    );
    exitCode = await Promise.race([ended, finished]);
  } catch (error) {
    exitCode = stopping.signal.aborted ? 0 : 1;
    if (exitCode !== 0) report(log, error);
  }
  setTimeout(() => {
    log.error('could not close in time');
    process.exit(exitCode || 1);
  }, patienceMs).unref();
  try {
    await scope.close();
  } catch (error) {
    report(log, error);
    exitCode ||= 1;
  }
  log.info({ exitCode }, 'stopped');
  process.exit(exitCode);
}

function report(log: Logger, error: unknown): void {
  if (error instanceof PersonError) log.fatal(error.message);
  else log.fatal({ err: error }, 'failed');
}
