/** fetch-worker: reads Telegram into Postgres, over the account's one connection. Wiring only; behaviour lives in ./handlers. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { keepHeapSmall, runApp } from '@tgsync/shared/app';
import { DatabaseClock, endingLogins } from '@tgsync/shared/db';
import { type Handlers, startWorker, stopWorker } from '@tgsync/shared/jobs';
import { liveSettings, openWorkerServices, Troubles } from '@tgsync/shared/fleet';
import { Sessions } from '@tgsync/shared/session';
import { Account, Applier, grantMediaKey, noteCipher } from '@tgsync/shared/telegram';
import { askAgain } from './handlers/ask-again.js';
import { acceptLogin } from './handlers/accept-login.js';
import type { Deps } from './handlers/deps.js';
import { historyPage } from './handlers/history-page.js';
import { recheck } from './handlers/recheck.js';
import { refreshReferences } from './handlers/refresh-references.js';
import { resolveChats } from './handlers/resolve-chats.js';
import { sampleChat } from './handlers/sample-chat.js';
import { surveyChats } from './handlers/survey-chats.js';
import { InFlight } from './in-flight.js';
import { logUnstorable } from './log-unstorable.js';
import { MediaEmitter } from './media-emitter.js';

/** Pages of history in flight at once, at most: enough to hide the network latency, few enough for Telegram's limits. */
const pagesInFlight = 4;
/** Jobs at once: while one stores a page, others fetch theirs. */
const historyConcurrency = 4;
const telegramConcurrency = 2;

keepHeapSmall();
await runApp('fetch-worker', async (scope, context) => {
  const { env, log } = context;
  const { config, db, queues, health } = await openWorkerServices(scope, context);
  const settings = await liveSettings(scope, { db, config, log });
  const leaseTtl = () => settings.now.leaseTtl;
  noteCipher(log);
  const account = scope.use(new Account({ config, env, db, log, leaseTtl }), (it) => it.release());
  health.watch('login', async () => account.loginProblem ?? (account.isHeld ? undefined : (await endingLogins(db))[0]));
  await account.start();

  const deps: Deps = {
    env,
    settings,
    db,
    clock: new DatabaseClock(db),
    queues,
    account,
    emitter: new MediaEmitter(queues),
    pages: new InFlight(pagesInFlight),
  };
  const surveyTroubles = new Troubles(db, `surveys of ${hostname()}`, log, {
    begun: 'chat checks failing',
    over: 'chat checks resumed',
  });
  const troubles = scope.use(surveyTroubles, (it) => it.close());
  const resolverTroubles = new Troubles(db, `names and folders of ${hostname()}`, log, {
    begun: 'cannot resolve names and folders of tg.chats',
    over: 'names and folders of tg.chats can be resolved again',
  });
  scope.use(resolverTroubles, (it) => it.close());
  const history: Handlers<'history'> = {
    'survey-chats': surveyChats(deps, troubles),
    'resolve-chats': resolveChats(deps, resolverTroubles),
    'history-page': historyPage(deps),
    'sample-chat': sampleChat(deps),
  };
  const updatesTroubles = new Troubles(db, `updates of ${hostname()}`, log, {
    begun: 'updates are not pushed',
    over: 'updates are pushed again',
  });
  scope.use(updatesTroubles, (it) => it.close());
  const applier = new Applier({
    account,
    db,
    log,
    holder: randomUUID(),
    isOn: () => settings.now.live,
    onSilence: (reason) => updatesTroubles.now(reason),
    leaseTtl: () => settings.now.leaseTtl,
    onUnstorable: logUnstorable(log),
    onMedia: ({ media, chatTitle, messages }) => deps.emitter.emitSoon(media, chatTitle, messages),
  });
  const onAnswer = (updates: unknown) => applier.take(updates);
  const telegram: Handlers<'telegram'> = {
    'refresh-references': refreshReferences(deps),
    'ask-again': askAgain({ ...deps, onAnswer }),
    recheck: recheck({ ...deps, onAnswer }),
    'accept-login': acceptLogin({ account, sessions: new Sessions(config, env) }),
    'grant-media-key': ({ dcId, refused }) => grantMediaKey({ account, config, log }, dcId, refused),
  };
  applier.start();
  scope.use(applier, (it) => it.close());
  const { connection } = queues;
  const workers = [
    startWorker(connection, 'telegram', telegram, { concurrency: telegramConcurrency, log }),
    startWorker(connection, 'history', history, { concurrency: historyConcurrency, log }),
  ];
  for (const worker of workers) scope.use(worker, stopWorker);
  // A worker that lost the account pauses its queues, leaving the jobs to the worker that holds it.
  account.watch((isHolding) => {
    for (const worker of workers) worker.gate.set('account', !isHolding);
  });
});
