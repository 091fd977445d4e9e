/** scheduler: owns config.json and records it; plans what is owed; serves the dashboard. Never talks to Telegram. Wiring only. */
import { type AppContext, asCalled, Health, type Logger, runApp } from '@tgsync/shared/app';
import {
  awaitConfig,
  chatSelectors,
  type Config,
  dashboardPassword,
  databaseUrlOf,
  logSettings,
  settingsOf,
  wantedChats,
} from '@tgsync/shared/config';
import { currentTroubles, type Db, lastUpdate, recordSettings } from '@tgsync/shared/db';
import { loginNeeded, openServices, Troubles } from '@tgsync/shared/fleet';
import { openDashboard } from './dashboard/open.js';
import { keepQueuesReadable, removeDroppedJobs } from './dropped-jobs.js';
import { keepCounted } from './keep-counted.js';
import { watchPauses } from './pauses.js';
import { Meanwhile } from './meanwhile.js';
import { metrics } from './metrics.js';
import { Planner } from './planner.js';
import { startPlanning } from './planning.js';
import { failures } from './report.js';
import { settingsChange } from './settings-change.js';

const once = process.argv.includes('--once');

await runApp('scheduler', async (scope, { env, log, screen, follow, finish, signal, onRefusal }) => {
  const config = await rightConfig({ env, log, finish, signal });
  await follow(logSettings(config, env));
  const health = new Health();
  const { db, queues } = await openServices(
    scope,
    databaseUrlOf(config, env),
    { env, log, health, finish, onRefusal, signal },
    { migrate: true },
  );
  health.watch('login', () => loginNeeded(db, config, env));
  health.watch('fleet', async () => (await currentTroubles(db)).join('; ') || undefined);
  health.note('last update', async () => (await lastUpdate(db))?.toISOString());
  const chats = wantedChats(config);
  const selectors = chatSelectors(config);
  const change = await recordSettings(db, settingsOf(config), chats, selectors);
  const changes = change && settingsChange(change);
  if (changes) log.info({ changes }, 'config.json has changed');
  scope.use(keepQueuesReadable({ queues, log }), (it) => it());
  scope.use(keepCounted({ db, log }), (it) => it());
  const dropped = await removeDroppedJobs({ db, queues }).catch((error: unknown) => {
    log.warn({ reason: (error as Error).message }, 'could not remove jobs of unwanted chats from the queues');
    return 0;
  });
  log.info(
    { chats: chats.length, selectors: selectors.length, dropped, queues: queues.connection.backend },
    'planning',
  );
  if (chats.length + selectors.length === 0)
    log.warn('tg.chats in config.json is empty; put ids from chats.json into it');
  const pauses = new Troubles(db, 'paused queues', log, { begun: 'queues paused', over: 'queues resumed' });
  scope.use(pauses, (it) => it.close());
  scope.use(
    watchPauses(queues, (words) => pauses.now(words)),
    (it) => it(),
  );
  const troubles = async () => {
    const { problems } = await health.report();
    const { login, fleet: _, ...others } = problems;
    const own = Object.entries(others).map(([name, words]) => `The ${name}: ${words}`);
    return [...(login === undefined ? [] : [login]), ...own, ...(await currentTroubles(db).catch(() => []))].map(
      asCalled,
    );
  };
  // `npm start` writes our output to files, so it makes the link itself.
  const linkTo = process.send === undefined ? screen : null;
  await openDashboard(
    scope,
    { queues, health, log, troubles, metrics: () => metrics(db), screen: linkTo },
    config,
    env,
  );

  const deletions = new Troubles(db, 'mirrored deletions', log, {
    begun: 'deleted messages wait for an answer',
    over: 'no deleted messages wait for an answer any more',
  });
  scope.use(deletions, (it) => it.close());
  const onQuestion = (question: string | undefined) => deletions.now(question);
  const planner = new Planner({ db, queues, log, settings: settingsOf(config), onQuestion });
  const onSettled = async () => {
    if (once) finish(await closingReport(db, log));
  };
  scope.use(startPlanning({ planner, log, isHurried: once }, onSettled), (it) => it.stop());
});

type Waiting = Pick<AppContext, 'env' | 'log' | 'finish' | 'signal'>;

/** Waits for a valid config.json. Until then the fleet runs with the recorded one, and health says what is wrong with the file. */
async function rightConfig(waiting: Waiting): Promise<Config> {
  const { env, log, signal } = waiting;
  const meanwhile = new Meanwhile(waiting);
  try {
    const onProblem = (problem: string) => {
      log.error({ reason: problem }, 'waiting for a valid config.json');
      meanwhile.planWithRecordedSettings(problem);
    };
    return await awaitConfig(env, onProblem, { signal, check: (config) => dashboardPassword(config, env) });
  } finally {
    await meanwhile.end();
  }
}

async function closingReport(db: Db, log: Logger): Promise<number> {
  const lines = await failures(db);
  for (const reason of lines) log.error({ reason }, 'not archived completely');
  log.info({ failed: lines.length }, 'nothing is owed any more');
  return lines.length > 0 ? 1 : 0;
}
