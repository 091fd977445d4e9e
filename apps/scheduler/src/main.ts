/** scheduler: owns config.json and records it; plans what is owed; serves the dashboard. Never talks to Telegram. Wiring only. */
import { Health, type Logger, runApp, Scope, serveHealth } from '@tgsync/shared/app';
import {
  awaitConfig,
  type Config,
  dashboardPassword,
  databaseUrlAnyway,
  databaseUrlOf,
  logSettings,
  type Environment,
  settingsOf,
  wantedChats,
} from '@tgsync/shared/config';
import { currentTroubles, type Db, readSettings, recordSettings } from '@tgsync/shared/db';
import { loginNeeded, openParts } from '@tgsync/shared/member';
import { type DashboardParts, type DashboardSettings, serveDashboard } from './dashboard/serve.js';
import { removeDroppedJobs } from './dropped-jobs.js';
import { Planner } from './planner.js';
import { startPlanning } from './planning.js';
import { failures } from './report.js';

const once = process.argv.includes('--once');

await runApp('scheduler', async (scope, { env, log, follow, finish, signal }) => {
  const config = await rightConfig(env, log, signal);
  await follow(logSettings(config, env));
  const health = new Health();
  const { db, queues } = await openParts(scope, databaseUrlOf(config, env), { env, log, health });
  health.watch('login', () => loginNeeded(db, config, env));
  health.watch('fleet', async () => (await currentTroubles(db)).join('; ') || undefined);
  const chats = wantedChats(config);
  await recordSettings(db, settingsOf(config), chats);
  const dropped = await removeDroppedJobs(db, queues);
  log.info({ chats: chats.length, dropped, queues: queues.connection.backend }, 'planning');
  if (chats.length === 0) log.warn('no chats in config.json: put ids from chats.json into tg.chats');
  const troubles = async () => {
    const login = await loginNeeded(db, config, env);
    return [...(login === undefined ? [] : [login]), ...(await currentTroubles(db))];
  };
  const password = dashboardPassword(config, env);
  await openDashboard(scope, { queues, health, log, troubles }, { ...config.dashboard, password });

  const planner = new Planner({ db, queues, settings: settingsOf(config) });
  const onSettled = async () => {
    if (once) finish(await closingReport(db, log));
  };
  scope.use(startPlanning({ db, planner, log }, onSettled), (it) => it.stop());
});

/** Waits for a config.json that is right. Until then the fleet runs on by the recorded one, and health says "config". */
async function rightConfig(env: Environment, log: Logger, signal: AbortSignal): Promise<Config> {
  const meanwhile = new Scope();
  let told: Promise<void> | undefined;
  try {
    return await awaitConfig(
      env,
      (problem) => {
        log.error(problem);
        told ??= goOn(meanwhile, env, log, problem).catch((error: unknown) =>
          log.warn({ err: error }, 'cannot go on with the recorded settings'),
        );
      },
      { signal, check: (config) => dashboardPassword(config, env) },
    );
  } finally {
    await told;
    await meanwhile.close();
  }
}

async function goOn(scope: Scope, env: Environment, log: Logger, problem: string): Promise<void> {
  const sick = new Health();
  sick.watch('config', () => problem);
  scope.use(await serveHealth(sick, env.healthPort ?? 0, env.dashboard?.host ?? '127.0.0.1'), (it) => it.close());
  const databaseUrl = databaseUrlAnyway(env);
  if (!databaseUrl) return;
  const { db, queues } = await openParts(scope, databaseUrl, { env, log, health: sick });
  const settings = await readSettings(db);
  if (!settings) return;
  log.warn('the fleet goes on with the settings that were recorded last');
  scope.use(startPlanning({ db, planner: new Planner({ db, queues, settings }), log }), (it) => it.stop());
}

/** A port that somebody else has costs the dashboard, not the archive. */
async function openDashboard(scope: Scope, parts: DashboardParts, settings: DashboardSettings): Promise<void> {
  try {
    scope.use(await serveDashboard(parts, settings), (it) => it.close());
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    parts.log.warn({ reason: message }, 'no dashboard: choose another dashboard.port in config.json');
  }
}

async function closingReport(db: Db, log: Logger): Promise<number> {
  const lines = await failures(db);
  for (const line of lines) log.error(line);
  log.info({ failed: lines.length }, 'nothing is owed any more');
  return lines.length > 0 ? 1 : 0;
}
