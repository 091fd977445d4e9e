/** fetch-worker: reads Telegram into Postgres, over the account's one connection. Wiring only; behaviour lives in ./handlers. */
import { runApp } from '@tgsync/shared/app';
import { followSettings } from '@tgsync/shared/db';
import { type Handlers, startWorker, stopWorker } from '@tgsync/shared/jobs';
import { openWorkerParts } from '@tgsync/shared/member';
import { Account, grantMediaKey } from '@tgsync/shared/telegram';
import { acceptLoginToken } from './handlers/accept-login-token.js';
import type { Deps } from './handlers/deps.js';
import { historyPage } from './handlers/history-page.js';
import { refreshReferences } from './handlers/refresh-references.js';
import { surveyChats } from './handlers/survey-chats.js';
import { MediaEmitter } from './media-emitter.js';

/** Questions under way at once: enough to hide the line's latency, few enough for Telegram's patience. */
const historyConcurrency = 4;
const telegramConcurrency = 2;

await runApp('fetch-worker', async (scope, context) => {
  const { env, log } = context;
  const { config, db, queues, health } = await openWorkerParts(scope, context);
  const account = scope.use(new Account({ config, env, db, log }), (it) => it.release());
  health.watch('login', () => account.loginProblem);
  scope.use(
    followSettings(db, (now) => (log.level = now.logLevel)),
    (it) => it(),
  );
  await account.start();

  const deps: Deps = { config, env, db, queues, account, emitter: new MediaEmitter(queues) };
  const history: Handlers<'history'> = { 'survey-chats': surveyChats(deps), 'history-page': historyPage(deps) };
  const telegram: Handlers<'telegram'> = {
    'refresh-references': refreshReferences(deps),
    'accept-login-token': acceptLoginToken({ account }),
    'grant-media-key': ({ dcId, refused }) => grantMediaKey({ account, config, log }, dcId, refused),
  };
  const { connection } = queues;
  const workers = [
    startWorker(connection, 'telegram', telegram, { concurrency: telegramConcurrency, log }),
    startWorker(connection, 'history', history, { concurrency: historyConcurrency, log }),
  ];
  for (const worker of workers) scope.use(worker, stopWorker);
  // Who lost the account leaves its jobs to the one who has it.
  account.watch((isHolding) => {
    for (const worker of workers) void (isHolding ? worker.resume() : worker.pause(true));
  });
});
