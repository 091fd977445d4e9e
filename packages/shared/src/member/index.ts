/** member: what every app of the fleet opens before its own work: config.json, the database, the queues, and its health. */
import { type AppContext, Health, type Scope, serveHealth } from '../app/index.js';
import { awaitConfig, type Config, databaseUrlOf, type Environment, logSettings } from '../config/index.js';
import { closeDb, type Db, loginProblem, openDb } from '../db/index.js';
import { openQueues, type Queues } from '../jobs/index.js';
import { Sessions } from '../session/index.js';

export interface Parts {
  db: Db;
  queues: Queues;
}

/** Opens database and queues, waiting for them, and watches their health. */
export async function openParts(
  scope: Scope,
  databaseUrl: string,
  { env, log, health }: Pick<AppContext, 'env' | 'log'> & { health: Health },
): Promise<Parts> {
  const waiting = (reason: string) => log.info({ reason }, 'waiting for the database');
  const db = scope.use(await openDb(databaseUrl, { waiting }), closeDb);
  const onError = (error: Error) => log.warn({ reason: error.message }, 'queue trouble');
  const queues = scope.use(await openQueues({ redisUrl: env.redisUrl, databaseUrl }, onError), (it) => it.close());
  health.watch('database', async () => void (await db.$queryRaw`SELECT 1`));
  health.watch('queue', () => queues.ping().then(() => undefined));
  return { db, queues };
}

/** A worker waits for a config.json that is right, telling what is wrong with it, and serves its health meanwhile. */
export async function openWorkerParts(
  scope: Scope,
  context: AppContext,
): Promise<Parts & { config: Config; health: Health }> {
  const { env, log, follow, signal } = context;
  const health = new Health();
  if (env.healthPort !== undefined) scope.use(await serveHealth(health, env.healthPort), (it) => it.close());
  let problem: string | undefined;
  health.watch('config', () => problem);
  const config = await awaitConfig(env, (text) => log.warn((problem = text)), { signal });
  problem = undefined;
  await follow(logSettings(config, env));
  return { config, health, ...(await openParts(scope, databaseUrlOf(config, env), { env, log, health })) };
}

/** Why the person has to log in, for an app that does not talk to Telegram itself. */
export async function loginNeeded(db: Db, config: Config, env: Environment): Promise<string | undefined> {
  if (new Sessions(config, env).numbers.length === 0) return 'login needed: run `tgsync login`';
  return (await loginProblem(db)) ?? undefined;
}
