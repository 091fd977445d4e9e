/** media-worker: downloads, verifies, places and links files; scaled freely. Wiring only; behaviour lives in ./handlers and ./store. */
import { runApp } from '@tgsync/shared/app';
import { settingsOf } from '@tgsync/shared/config';
import { archiveId, followSettings, hasSavedFiles, readSettings } from '@tgsync/shared/db';
import { startWorker, stopWorker } from '@tgsync/shared/jobs';
import { loginNeeded, openWorkerParts } from '@tgsync/shared/member';
import { Files } from '@tgsync/shared/telegram';
import { downloadMedia } from './handlers/download-media.js';
import { RunningDownloads } from './running.js';
import { claimMediaFolder } from './store/marker.js';
import { MediaStore } from './store/media-store.js';

await runApp('media-worker', async (scope, context) => {
  const { env, log } = context;
  const { config, db, queues, health } = await openWorkerParts(scope, context);
  const archive = await archiveId(db);
  await claimMediaFolder(env.media, archive, await hasSavedFiles(db));
  const store = new MediaStore(env.media, archive);
  await store.prepare(env.temp);

  let settings = (await readSettings(db)) ?? settingsOf(config);
  const maxConnections = () => settings.maxConnections;
  const checkHashes = () => settings.checkHashes;
  const files = scope.use(await Files.open({ config, env, db, log, maxConnections, checkHashes }), (it) => it.close());
  health.watch('login', () => loginNeeded(db, config, env));
  const running = new RunningDownloads();
  const handlers = { 'download-media': downloadMedia({ db, queues, files, store, temp: env.temp, running }) };
  const worker = startWorker(queues.connection, 'media', handlers, { concurrency: settings.concurrentDownloads, log });
  scope.use(worker, stopWorker);

  const unfollow = followSettings(db, (now) => {
    settings = now;
    worker.concurrency = now.concurrentDownloads;
    log.level = now.logLevel;
  });
  scope.use(unfollow, (it) => it());
  let summaryAt = performance.now();
  const summary = setInterval(() => {
    if (performance.now() - summaryAt < settings.progressSummaryInterval * 1000) return;
    summaryAt = performance.now();
    running.summarise(db, log).catch(() => {});
  }, 1000);
  scope.use(summary, clearInterval);
});
