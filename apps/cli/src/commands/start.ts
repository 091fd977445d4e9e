/**
 * start.ts: `npm start` runs the whole fleet on this machine, with an embedded database if none is configured, or a demo if there is no
 * config.json.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Scope } from '@tgsync/shared/app';
import {
  configFile,
  databaseUrlOf,
  type Environment,
  foldersOf,
  loadConfig,
  writeEnvironment,
} from '@tgsync/shared/config';
import { invitation } from '@tgsync/shared/dashboard-access';
import { closeDb, openDb } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { endingSignals } from '../interruption.js';
import { refreshSchema } from '../person-files.js';
import { startDemo } from '../start/demo.js';
import { keepRunning } from '../start/keep-postgres.js';
import { lockFolder } from '../start/lock.js';
import { Fleet, type LogLine } from '../start/processes.js';
import { Screen } from '../start/screen.js';
import { print } from '../terminal.js';

export async function startCommand(given: Environment, { once }: { once: boolean }): Promise<number> {
  const scope = new Scope();
  const stopped = new Promise<number>((resolve, reject) => {
    for (const signal of endingSignals) process.on(signal, () => resolve(0));
    process.on('uncaughtException', reject);
  });
  try {
    return await Promise.race([run(scope, given, once), stopped]);
  } finally {
    await scope.close();
  }
}

async function run(scope: Scope, given: Environment, once: boolean): Promise<number> {
  const isDemo = !existsSync(configFile(given));
  const env = isDemo ? demoEnvironment(given) : given;
  scope.use(lockFolder(env.data), (unlock) => unlock());
  if (isDemo)
    say(
      `No ${configFile(given)}: running the demo on a Telegram of its own. To archive your own chats, run \`npm run -s tgsync -- login\`.`,
    );
  if (isDemo) scope.use(await startDemo(env, join(env.data, 'telegram')), (it) => it.stop());
  refreshSchema(env);
  const config = loadConfig(env);
  const { media: files, temp } = foldersOf(config, env);
  say(`Settings in ${env.appdata}, files in ${files}, unfinished downloads in ${temp}.`);
  if (new Sessions(config, env).numbers.length === 0) {
    throw new PersonError('There is no login yet. Run `npm run -s tgsync -- login`.');
  }
  const postgres = config.db.url || env.databaseUrl ? undefined : await embedded(scope, env);
  const databaseUrl = postgres?.url ?? databaseUrlOf(config, env);
  const db = scope.use(
    await openDb(databaseUrl, {
      migrate: true,
      queues: env.redisUrl === undefined,
      waiting: (why) => say(`waiting for the database (${why})`),
    }),
    closeDb,
  );
  const screen = new Screen(db);
  const logs = join(env.data, 'logs');
  const fleet = scope.use(
    new Fleet({
      env: writeEnvironment({ ...env, databaseUrl }),
      logs,
      onLine(app, line) {
        if (app === 'fetch-worker' && line.msg === 'connected to Telegram') media.now();
        const url = dashboardAt(line);
        if (url !== undefined) for (const it of invited(env, url)) screen.print(it);
        else if (isForPerson(line)) screen.print(`${app}: ${line.msg}${line.reason ? `: ${line.reason}` : ''}`);
      },
    }),
    (it) => it.stop(),
  );
  say(`Logs in ${logs}. Ctrl-C stops it; the next start continues where it left off.\n`);
  fleet.start('fetch-worker');
  fleet.start('scheduler', once ? ['--once'] : []);
  const media = scope.use(
    later(() => fleet.start('media-worker'), mediaWorkerMs),
    (it) => it.cancel(),
  );
  screen.start();
  scope.use(screen, (it) => it.stop());
  return await Promise.race([fleet.ended, ...(postgres ? [postgres.lost] : [])]);
}

/**
 * Until Telegram answers there is little to download, and the other apps start faster while the media worker is not loading beside them.
 */
const mediaWorkerMs = 3000;

/** Runs `act` once: after `afterMs` milliseconds, or as soon as `now` is called. */
function later(act: () => void, afterMs: number): { now(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined = setTimeout(now, afterMs);
  function cancel() {
    clearTimeout(timer);
    timer = undefined;
  }
  function now() {
    if (timer === undefined) return;
    cancel();
    act();
  }
  return { now, cancel };
}

/** The demo has its own folders, so that it never gets in the way of the real archive. */
function demoEnvironment(given: Environment): Environment {
  const data = join(given.data, 'demo');
  const inDemo = (folder: string, name: string) => (folder === join(given.data, name) ? join(data, name) : folder);
  return {
    ...given,
    data,
    appdata: join(data, 'appdata'),
    media: inDemo(given.media, 'media'),
    temp: inDemo(given.temp, 'temp'),
  };
}

/** An embedded Postgres that is restarted whenever it dies; `lost` rejects when that fails. */
async function embedded(scope: Scope, env: Environment): Promise<{ url: string; lost: Promise<never> }> {
  const onProgress = (what: string) => say(`Postgres: ${what}`);
  const opening = openEmbeddedPostgres(join(env.data, 'postgres'), { onProgress });
  // If we are stopped while it starts, it must not stay running.
  scope.use({ opening }, async (it) => (await it.opening.catch(() => undefined))?.close());
  const closing = scope.use(new AbortController(), (it) => it.abort());
  const postgres = await opening;
  closing.signal.throwIfAborted();
  const lost = new Promise<never>((_, reject) => void keepRunning(postgres, closing.signal, onProgress).catch(reject));
  lost.catch(() => {}); // callers that await it get the error
  return { url: postgres.url, lost };
}

/** The dashboard's address, from the scheduler's log. Its lines go to a file, so the login link is made here instead. */
function dashboardAt({ msg, address }: LogLine): string | undefined {
  return msg === 'dashboard listening' ? address : undefined;
}

/** Uses config.json as it is now, which the scheduler has just read as well. */
function invited(env: Environment, url: string): string[] {
  try {
    return invitation(loadConfig(env), env, env.dashboardUrl ?? url);
  } catch (error) {
    return [`Could not make a dashboard link: ${(error as Error).message}`];
  }
}

function isForPerson({ level }: LogLine): boolean {
  return level === 'warn' || level === 'error' || level === 'fatal';
}

function say(text: string): void {
  print(text);
}
