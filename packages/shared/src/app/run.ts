/**
 * run.ts: the life of an app: start, wait for a signal (or its own end), close in reverse order. SIGTERM, Ctrl-C and a closed terminal
 * end it cleanly within seconds. An error that a person must fix is logged as a sentence and ends it with an exit code of its own, so
 * that it is not restarted in vain.
 */
import { type Environment, readEnvironment } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import { setCalledAs } from './called-as.js';
import { exitCodes } from './exit-codes.js';
import { createAppLogger, type Logger, type LogSettings } from './logger.js';
import { Scope } from './scope.js';
import { version } from './version.js';

export interface AppContext {
  env: Environment;
  log: Logger;
  /** Writes to standard output only, which only the archive's owner reads: for what log files must not contain. */
  screen: Logger;
  /** Applies the log settings. */
  follow: (settings: LogSettings) => Promise<void>;
  /** Ends the app from inside, with this exit code. */
  finish: (exitCode: number) => void;
  /** Aborted when the app is to end: for anything that waits during the start. */
  signal: AbortSignal;
  /** Registers how to tell the rest of the fleet why this app refuses to run, as soon as that is possible. */
  onRefusal: (report: (reason: string) => Promise<void>) => void;
}

/** After this many milliseconds the process exits even if not everything is closed; whatever is cut off is derived again. */
const patienceMs = 20_000;

/** Runs an app until it is told to end, then closes the scope and exits the process. `start` opens everything; its errors end the app. */
export async function runApp(name: string, start: (scope: Scope, context: AppContext) => Promise<void>): Promise<void> {
  const { log, screen, follow } = createAppLogger(name);
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
  process.on('disconnect', () => finish(0)); // our parent process is gone
  if (Object.is(process.connected, false)) finish(0); // it exited before we listened; undefined: there is no parent
  // Our parent also gets the signal of a closed terminal, and tells us when to end.
  process.on('SIGHUP', () => process.connected || finish(0));
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, 'unexpected error');
      finish(exitCodes.crashed);
    });
  }

  let exitCode: number;
  let reportRefusal: (reason: string) => Promise<void> = async () => {};
  const onRefusal = (report: typeof reportRefusal) => void (reportRefusal = report);
  try {
    const env = readEnvironment();
    setCalledAs(env.calledAs);
    log.info({ version, node: process.version }, 'started');
    const ended = start(scope, { env, log, screen, follow, finish, signal: stopping.signal, onRefusal }).then(
      () => finished,
    );
    exitCode = await Promise.race([ended, finished]);
  } catch (error) {
    exitCode = stopping.signal.aborted ? 0 : report(log, error);
    if (exitCode === exitCodes.personMustAct) await reportRefusal((error as Error).message).catch(() => {});
  }
  setTimeout(() => {
    log.error('shutdown timed out');
    process.exit(exitCode || exitCodes.crashed);
  }, patienceMs).unref();
  try {
    await scope.close();
  } catch (error) {
    exitCode ||= report(log, error);
  }
  log.info({ exitCode }, 'stopped');
  process.exit(exitCode);
}

/** Logs the error and returns the exit code for it. */
function report(log: Logger, error: unknown): number {
  if (error instanceof PersonError) {
    log.fatal({ reason: error.message }, 'action required');
    return exitCodes.personMustAct;
  }
  log.fatal({ err: error }, 'failed');
  return exitCodes.crashed;
}
