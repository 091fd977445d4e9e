/** start.ts: `npm start`: the whole fleet on this machine, with a database of its own where there is none; a demo without config.json. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Scope } from '@tgsync/shared/app';
import { configFile, type Environment, loadConfig, writeEnvironment } from '@tgsync/shared/config';
import { closeDb, openDb } from '@tgsync/shared/db';
import { openEmbeddedPostgres } from '@tgsync/shared/embedded-postgres';
import { PersonError } from '@tgsync/shared/errors';
import { Sessions } from '@tgsync/shared/session';
import { startDemo } from '../start/demo.js';
import { lockFolder } from '../start/lock.js';
import { Fleet, type LogLine } from '../start/processes.js';
import { Screen } from '../start/screen.js';

export async function startCommand(given: Environment, { once }: { once: boolean }): Promise<number> {
  const scope = new Scope();
  const stopped = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(0));
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
      `No ${configFile(given)}: running the demo, on a Telegram of its own. \`npm run -s tgsync -- login\` begins the real thing.`,
    );
  say(`Settings in ${env.appdata}, files in ${env.media}, unfinished downloads in ${env.temp}.`);
  if (isDemo) scope.use(await startDemo(env, join(env.data, 'telegram')), (it) => it.stop());
  const config = loadConfig(env);
  if (new Sessions(config, env).numbers.length === 0) {
    throw new PersonError('There is no login yet: run `npm run -s tgsync -- login`.');
  }
  const databaseUrl = config.db.url ?? env.databaseUrl ?? (await embedded(scope, env));
  const db = scope.use(
    await openDb(databaseUrl, { waiting: (why) => say(`waiting for the database (${why})`) }),
    closeDb,
  );
  const screen = new Screen(db);
  const logs = join(env.data, 'logs');
  const fleet = scope.use(
    new Fleet({
      env: writeEnvironment({ ...env, databaseUrl }),
      logs,
      onLine: (app, line) =>
        isForPerson(line) && screen.print(`${app}: ${line.msg}${line.reason ? `: ${line.reason}` : ''}`),
    }),
    (it) => it.stop(),
  );
  say(`Logs in ${logs}. Ctrl-C stops it; the next start goes on where it was.\n`);
  fleet.start('fetch-worker');
  fleet.start('media-worker');
  fleet.start('scheduler', once ? ['--once'] : []);
  screen.start();
  scope.use(screen, (it) => it.stop());
  return await fleet.ended;
}

/** The demo has folders of its own: nothing of it is ever in the way of the real archive. */
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

async function embedded(scope: Scope, env: Environment): Promise<string> {
  const postgres = await openEmbeddedPostgres(join(env.data, 'postgres'), { say: (what) => say(`Postgres: ${what}`) });
  scope.use(postgres, (it) => it.stop());
  return postgres.url;
}

function isForPerson({ level, msg }: LogLine): boolean {
  return msg.startsWith('dashboard at') || level === 'warn' || level === 'error' || level === 'fatal';
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
