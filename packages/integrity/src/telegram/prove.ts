/**
 * prove.ts: has the running fleet compare every saved file with the hashes that Telegram tells of it: each once, unless it shall be done
 * afresh. What was compared is remembered, so another run goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { archiveId, countUnproven, type Db, forgetProofs, type MediaRef, unprovenMedia } from '@tgsync/shared/db';
import type { Environment } from '@tgsync/shared/config';
import { openQueues } from '@tgsync/shared/jobs';
import type { OnProgress } from './progress.js';

/** Jobs that are asked for at a time: downloads have their turn between them. */
const atOnce = 100;
const lookMs = 500;

interface Proving {
  db: Db;
  env: Environment;
  signal: AbortSignal;
  /** Without any file compared for so long the fleet is not there. */
  patienceMs: number;
  fresh: boolean;
  onProgress: OnProgress;
}

/** Returns why not all could be compared, if so. */
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
    let goesOnUntil = performance.now() + patienceMs;
    for (;;) {
      const room = atOnce - (await waiting(queues));
      const found = room > atOnce / 2 ? await unprovenMedia(db, after, room) : [];
      if (found.length > 0) await queues.enqueue(found.map((payload) => ({ name: 'prove-media', payload })));
      if (room > atOnce / 2) after = found.length < room ? undefined : found.at(-1);
      await sleep(lookMs, undefined, { signal });
      const now = await countUnproven(db);
      if (now < left) goesOnUntil = performance.now() + patienceMs;
      left = now;
      onProgress(total - left, total);
      if (left === 0) return undefined;
      if (performance.now() > goesOnUntil)
        return `${left.toLocaleString('en')} files were not compared: is a media worker running, and logged in?`;
    }
  } finally {
    await queues.close();
  }
}

async function waiting(queues: Awaited<ReturnType<typeof openQueues>>): Promise<number> {
  const { waiting: count, active } = await queues.counts('media');
  return Math.min(atOnce, count + active);
}
