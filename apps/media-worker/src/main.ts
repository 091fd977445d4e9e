/** media-worker: downloads, verifies, places and links files; scaled freely. Wiring only; behaviour lives in ./handlers and ./store. */
import { hostname } from 'node:os';
import { runApp } from '@tgsync/shared/app';
import { settingsOf } from '@tgsync/shared/config';
import { archiveId, followSettings, hasSavedFiles, readSettings } from '@tgsync/shared/db';
import { startWorker, stopWorker } from '@tgsync/shared/jobs';
import { loginNeeded, openWorkerParts } from '@tgsync/shared/member';
import { Files } from '@tgsync/shared/telegram';
import { downloadMedia } from './handlers/download-media.js';
import { RunningDownloads } from './running.js';
import { claimMediaFolder } from '@tgsync/shared/store';
import { removeLeftovers } from './store/leftovers.js';
import { MediaStore } from './store/media-store.js';
import { Room } from './store/room.js';
import { Troubles } from './troubles.js';

/** How often leftovers of killed workers are looked for. */
const leftoversMs = 30_000;

await runApp('media-worker', async (scope, context) => {
  const { env, log } = context;
  const { config, db, queues, health } = await openWorkerParts(scope, context);
  let settings = (await readSettings(db)) ?? settingsOf(config);
  const archive = await archiveId(db);
  await claimMediaFolder(env.media, archive, await hasSavedFiles(db));
  const store = new MediaStore(env.media, archive, () => settings.mediaLink);
  await store.prepare(env.temp);
  const room = await Room.open({
    temp: env.temp,
    media: env.media,
    takesByRename: await store.takesByRename(env.temp),
    minFree: () => settings.minFreeSpace,
  });
  scope.use(room, (it) => it.close());
  health.watch('disk', () => room.problem);

  const maxConnections = () => settings.maxConnections;
  const checkHashes = () => settings.checkHashes;
  const files = scope.use(await Files.open({ config, env, db, log, maxConnections, checkHashes }), (it) => it.close());
  health.watch('login', () => loginNeeded(db, config, env));
  const running = new RunningDownloads();
  const names = () => ({ maxBytes: settings.maxNameBytes });
  const handlers = {
    'download-media': downloadMedia({ db, queues, files, store, temp: env.temp, room, running, names }),
  };
  const worker = startWorker(queues.connection, 'media', handlers, { concurrency: settings.concurrentDownloads, log });
  scope.use(worker, stopWorker);
  const troubles = scope.use(new Troubles(db, `disk of ${hostname()}`, log), (it) => it.close());
  room.watch((problem) => {
    troubles.now(problem);
    if (problem === undefined) void worker.resume();
    else void worker.pause(true); // other workers may have room
  });

  const unfollow = followSettings(db, (now) => {
    settings = now;
    worker.concurrency = now.concurrentDownloads;
    log.level = now.logLevel;
  });
  scope.use(unfollow, (it) => it());
  const tidy = () => removeLeftovers(db, env).then((count) => count > 0 && log.debug({ count }, 'leftovers removed'));
  const tidying = setInterval(() => void tidy().catch(() => {}), leftoversMs); // next time, then
  scope.use(tidying, clearInterval);
  let summaryAt = performance.now();
  const summary = setInterval(() => {
    if (performance.now() - summaryAt < settings.progressSummaryInterval * 1000) return;
    summaryAt = performance.now();
    running.summarise(db, log).catch(() => {});
  }, 1000);
  scope.use(summary, clearInterval);
});
