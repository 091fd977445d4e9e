/** media-worker: downloads, verifies, places and links files; scaled freely. Wiring only; behaviour lives in ./handlers. */
import { hostname } from 'node:os';
import { keepHeapSmall, runApp } from '@tgsync/shared/app';
import { foldersOf } from '@tgsync/shared/config';
import { archiveId, hasSavedFiles } from '@tgsync/shared/db';
import { startWorker, stopWorker } from '@tgsync/shared/jobs';
import { liveSettings, loginNeeded, openWorkerServices, Troubles } from '@tgsync/shared/fleet';
import { Files } from '@tgsync/shared/telegram';
import { followLogin } from './follow-login.js';
import { downloadMedia } from './handlers/download-media.js';
import { proveMedia } from './handlers/prove-media.js';
import { removeLinks } from './handlers/remove-links.js';
import { nameRules } from './naming.js';
import { RunningDownloads } from './running.js';
import { openDiskSpace, removeLeftovers } from '@tgsync/shared/media';
import { claimMediaFolder, MediaStore, useUmask } from '@tgsync/shared/store';
import { watchGone } from './watch-gone.js';

/** How often leftovers of killed workers are removed. */
const leftoversMs = 30_000;

keepHeapSmall();
await runApp('media-worker', async (scope, context) => {
  const { env, log } = context;
  const { config, db, queues, health } = await openWorkerServices(scope, context);
  const settings = await liveSettings(scope, { db, config, log });
  useUmask(settings.now.mediaUmask);
  const archive = await archiveId(db);
  const { media, temp } = foldersOf(config, env);
  await claimMediaFolder(media, archive, await hasSavedFiles(db));
  const store = new MediaStore(media, archive, () => settings.now.mediaLink);
  await store.prepare(temp);
  const diskSpace = await openDiskSpace({
    db,
    log,
    temp,
    media,
    takesByRename: await store.takesByRename(temp),
    minFree: () => settings.now.minFreeSpace,
  });
  scope.use(diskSpace, (it) => it.close());
  health.watch('disk', () => diskSpace.problem);

  const maxConnections = () => settings.now.maxConnections;
  const checkHashes = () => settings.now.checkHashes;
  const checksAll = () => settings.now.checkHashes === 'always';
  const requestTimeout = () => settings.now.requestTimeout;
  const filesDeps = { config, env, db, log, maxConnections, requestTimeout, checkHashes };
  const files = scope.use(await Files.open(filesDeps), (it) => it.close());
  health.watch('login', () => loginNeeded(db, config, env));
  const running = new RunningDownloads();
  let rules = nameRules(settings.now);
  const names = () => rules;
  const deleted = scope.use(
    new Troubles(db, 'deleted files', log, { begun: 'many files are missing', over: 'missing files are back' }),
    (it) => it.close(),
  );
  let goneQuestion: string | undefined;
  health.watch('files', () => goneQuestion);
  const gone = watchGone(db, media, (question) => deleted.now((goneQuestion = question)));
  scope.use(gone, (it) => it.stop());
  const { question } = gone;
  const handlers = {
    'download-media': downloadMedia({
      db,
      queues,
      files,
      store,
      temp,
      diskSpace,
      running,
      names,
      question,
      checksAll,
    }),
    'prove-media': proveMedia({ db, queues, files, store }),
    'remove-links': removeLinks({ db, where: { media, archiveId: archive } }),
  };
  const worker = startWorker(queues.connection, 'media', handlers, {
    concurrency: settings.now.concurrentDownloads,
    log,
  });
  scope.use(worker, stopWorker);
  const troubles = scope.use(
    new Troubles(db, `disk of ${hostname()}`, log, { begun: 'downloads paused', over: 'downloads resumed' }),
    (it) => it.close(),
  );
  diskSpace.watch((problem) => {
    troubles.now(problem);
    worker.gate.set('disk', diskSpace.problem !== undefined); // other workers may have space
  });

  const login = followLogin({ db, config, env, log }, (problem) => worker.gate.set('login', problem !== undefined));
  scope.use(login, (it) => it());

  settings.watch((now) => {
    worker.run.concurrency = now.concurrentDownloads;
    useUmask(now.mediaUmask);
    rules = nameRules(now);
  });
  const tidy = () =>
    removeLeftovers(db, { media, temp }).then((count) => count > 0 && log.debug({ count }, 'leftovers removed'));
  const tidying = setInterval(() => void tidy().catch(() => {}), leftoversMs); // retried next time
  scope.use(tidying, clearInterval);
  let summaryAt = performance.now();
  const summary = setInterval(() => {
    if (performance.now() - summaryAt < settings.now.progressSummaryInterval * 1000) return;
    summaryAt = performance.now();
    running.summarise(db, log).catch(() => {});
  }, 1000);
  scope.use(summary, clearInterval);
});
