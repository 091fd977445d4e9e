/** fleet: what every app of the fleet opens before its own work: config.json, the database, the queues, and its health endpoint. */
import { hostname } from 'node:os';
import { type AppContext, exitCodes, Health, type Scope, serveHealth } from '../app/index.js';
import { awaitConfig, type Config, databaseUrlOf, type Environment, logSettings } from '../config/index.js';
import { passwordFile, readOwnPassword } from '../dashboard-access/index.js';
import { answers, archiveId, closeDb, type Db, followSchema, loginProblem, noteTrouble, openDb } from '../db/index.js';
import { openQueues, type Queues } from '../jobs/index.js';
import { Sessions } from '../session/index.js';
import { QueueOutage } from './queue-outage.js';

export { type LiveSettings, liveSettings } from './live-settings.js';
export { Troubles } from './troubles.js';

export interface Services {
  db: Db;
  queues: Queues;
}

type ServicesContext = Pick<AppContext, 'env' | 'log' | 'finish'> &
  Partial<Pick<AppContext, 'onRefusal' | 'signal'>> & { health: Health };

/**
 * Opens database and queues, waiting for both, and adds them to the health checks. Only with `migrate` does it upgrade the database's
 * tables. The app ends if a newer version upgrades the database while it runs. Throws a PersonError for what only the person can fix.
 */
export async function openServices(
  scope: Scope,
  databaseUrl: string,
  { env, log, health, finish, onRefusal, signal }: ServicesContext,
  { migrate = false } = {},
): Promise<Services> {
  let missing: string | undefined = 'not open yet';
  health.watch('database', async () => missing ?? (await answers(db).then(() => undefined)));
  const waiting = (reason: string) => {
    if (reason !== missing) log.info({ reason }, 'waiting for the database');
    missing = reason;
  };
  const opening = openDb(databaseUrl, { waiting, migrate, queues: env.redisUrl === undefined, signal });
  const db = scope.use(await opening, closeDb);
  missing = undefined;
  const onNewer = (problem: string) => {
    log.fatal({ reason: problem }, 'action required');
    finish(exitCodes.personMustAct);
  };
  scope.use(followSchema(db, onNewer), (it) => it());
  const app = String(log.bindings()['app']);
  onRefusal?.((reason) => noteTrouble(db, `${app} of ${hostname()}`, `${app}: ${reason}`));
  const outage = scope.use(new QueueOutage(log), (it) => it.close());
  const onError = (error: Error) => outage.begin(error, () => queues.ping());
  const settings = { redisUrl: env.redisUrl, databaseUrl, archive: await archiveId(db) };
  const queues: Queues = scope.use(await openQueues(settings, onError), (it) => it.close());
  health.watch('queue', () => queues.ping().then(() => undefined));
  return { db, queues };
}

/**
 * For a worker: waits for a valid config.json, logging what is wrong with it and serving health meanwhile, then opens database and
 * queues.
 */
export async function openWorkerServices(
  scope: Scope,
  context: AppContext,
): Promise<Services & { config: Config; health: Health }> {
  const { env, log, follow, signal, finish, onRefusal } = context;
  const health = new Health();
  if (env.healthPort !== undefined) {
    const password = () => readOwnPassword(passwordFile(env));
    scope.use(await serveHealth(health, env.healthPort, { password }), (it) => it.close());
  }
  let problem: string | undefined;
  health.watch('config', () => problem);
  const onProblem = (text: string) => {
    problem = text;
    log.warn({ reason: text }, 'waiting for a valid config.json');
  };
  const config = await awaitConfig(env, onProblem, { signal });
  problem = undefined;
  await follow(logSettings(config, env));
  return {
    config,
    health,
    ...(await openServices(scope, databaseUrlOf(config, env), { env, log, health, finish, onRefusal, signal })),
  };
}

/** Why the person has to log in, or undefined; for apps that do not talk to Telegram themselves. */
export async function loginNeeded(db: Db, config: Config, env: Environment): Promise<string | undefined> {
  if (new Sessions(config, env).numbers.length === 0) return 'login needed: run `tgsync login`';
  return (await loginProblem(db)) ?? undefined;
}
