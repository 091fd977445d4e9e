/**
 * prove.ts: has the running fleet compare every saved file with Telegram's hashes: each once, unless a fresh run is requested. Compared
 * files are recorded, so that another run continues.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { archiveId, countUnproven, type Db, forgetProofs, type MediaRef, unprovenMedia } from '@tgsync/shared/db';
import type { Environment } from '@tgsync/shared/config';
import { openQueues } from '@tgsync/shared/jobs';
import type { OnProgress } from './progress.js';

/** Jobs enqueued at a time, so that downloads get their turn between them. */
const atOnce = 100;
const pollMs = 500;

interface Proving {
  db: Db;
  env: Environment;
  signal: AbortSignal;
  /** If no file was compared for this many milliseconds, no fleet is running. */
  patienceMs: number;
  fresh: boolean;
  onProgress: OnProgress;
}

/** Returns why not all files could be compared; undefined if they were. */
export async function proveAll({
  db,
  env,
  signal,
  patienceMs,
  fresh,
  onProgress,
}: Proving): Promise<string | undefined> {
  if (fresh) await forgetProofs(db);
  const total = await countUnproven(db);
  let left = total;
  if (left === 0) return undefined;
  onProgress(0, total);
  const settings = { redisUrl: env.redisUrl, databaseUrl: db.databaseUrl, archive: await archiveId(db) };
  const queues = await openQueues(settings, () => {});
  try {
    let after: MediaRef | undefined;
    let deadline = performance.now() + patienceMs;
    for (;;) {
      const room = atOnce - (await waiting(queues));
      const found = room > atOnce / 2 ? await unprovenMedia(db, after, room) : [];
      if (found.length > 0) await queues.enqueue(found.map((payload) => ({ name: 'prove-media', payload })));
      if (room > atOnce / 2) after = found.length < room ? undefined : found.at(-1);
      await sleep(pollMs, undefined, { signal });
      const now = await countUnproven(db);
      if (now < left) deadline = performance.now() + patienceMs;
      left = now;
      onProgress(total - left, total);
      if (left === 0) return undefined;
      if (performance.now() > deadline)
        return `${left.toLocaleString('en')} files were not compared. Is a media worker running, and is there a login?`;
    }
  } finally {
    await queues.close();
  }
}

async function waiting(queues: Awaited<ReturnType<typeof openQueues>>): Promise<number> {
  const { waiting: count, active } = await queues.counts('media');
  return Math.min(atOnce, count + active);
}
