/** dropped-jobs.ts: removes waiting jobs of chats that left config.json, and jobs that are not ours; the data stays. */
import type { Logger } from '@tgsync/shared/app';
import { type Db, type MediaRef, stillWanted, wantedIds } from '@tgsync/shared/db';
import { queueNames, type Queues } from '@tgsync/shared/jobs';

/** Removes waiting jobs that are no longer wanted; returns how many. */
export async function removeDroppedJobs({ db, queues }: { db: Db; queues: Queues }): Promise<number> {
  const waiting = [...(await queues.waiting('history')), ...(await queues.waiting('media'))];
  const wanted = new Set(await wantedIds(db));
  const media = waiting.flatMap(({ job }) => (job.name === 'download-media' ? [job.payload] : []));
  const key = ({ kind, id }: MediaRef) => `${kind}-${id}`;
  const stays = new Set((await stillWanted(db, media)).map(key));
  const dropped = waiting.filter(({ job }) => {
    if (job.name === 'history-page') return !wanted.has(job.payload.chatId);
    return job.name === 'download-media' && !stays.has(key(job.payload));
  });
  for (const it of dropped) await it.remove();
  return dropped.length;
}

const everyMs = 60_000;

/** Removes jobs that are not ours, now and every minute: workers would get them again and again. Returns a function that stops it. */
export function keepQueuesReadable({ queues, log }: { queues: Queues; log: Logger }): () => void {
  const remove = async () => {
    for (const name of queueNames) {
      try {
        const jobs = await queues.removeUnreadable(name);
        if (jobs > 0) log.warn({ queue: name, jobs }, 'removed unknown or malformed jobs from a queue');
      } catch (error) {
        log.warn({ queue: name, reason: (error as Error).message }, 'cannot inspect a queue');
      }
    }
  };
  void remove();
  const timer = setInterval(() => void remove(), everyMs);
  return () => clearInterval(timer);
}
