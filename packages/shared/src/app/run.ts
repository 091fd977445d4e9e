/**
 * run.ts: the life of an app: start, wait for a signal (or its own end), close in reverse.
 * SIGTERM, Ctrl-C and a closed terminal end it cleanly within seconds; what the person has to mend is said in words and ends
 * it with a code of its own, so that nobody starts it again in vain.
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
  /** For standard output alone, whose reader owns the archive: what log files must not keep. */
  screen: Logger;
  /** Makes the log follow the settings. */
  follow: (settings: LogSettings) => Promise<void>;
  /** Ends the app from inside, with the exit code of the process. */
  finish: (exitCode: number) => void;
  /** Aborted when the app shall end: for what waits before anything runs. */
  signal: AbortSignal;
  /** Who tells the rest of the fleet, as soon as there is a way, why this app refuses to work. */
  onRefusal: (tell: (words: string) => Promise<void>) => void;
}

/** After this the process ends, closed or not: whatever is cut off is derived again. */
const patienceMs = 20_000;

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
  process.on('disconnect', () => finish(0)); // who started us is gone
  if (Object.is(process.connected, false)) finish(0); // it was before we listened; undefined: nobody is there to go
  // Who started us gets the signal of a closed terminal, too, and tells us when to end.
  process.on('SIGHUP', () => process.connected || finish(0));
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, 'unexpected error');
      finish(exitCodes.crashed);
    });
  }

  let exitCode: number;
  let tellRefusal: (words: string) => Promise<void> = async () => {};
  const onRefusal = (tell: typeof tellRefusal) => void (tellRefusal = tell);
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
    if (exitCode === exitCodes.personMustAct) await tellRefusal((error as Error).message).catch(() => {});
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

/** Returns the exit code that it means. */
function report(log: Logger, error: unknown): number {
  if (error instanceof PersonError) {
    log.fatal({ reason: error.message }, 'action required');
    return exitCodes.personMustAct;
  }
  log.fatal({ err: error }, 'failed');
  return exitCodes.crashed;
}
