/** dropped-jobs.ts: chats that left config.json take their waiting jobs with them; their data stays. */
import { type Db, stillWanted, wantedChatRows } from '@tgsync/shared/db';
import type { Queues } from '@tgsync/shared/jobs';

/** Removes waiting jobs that nobody wants any more; returns how many. */
export async function removeDroppedJobs(db: Db, queues: Queues): Promise<number> {
  const wanted = new Set((await wantedChatRows(db)).map((it) => it.id.toString()));
  const history = await queues.waiting('history');
  const media = await queues.waiting('media');
  const refs = media.map(({ data }) => ({ kind: data.kind as 'photo' | 'document', id: BigInt(data.id as string) }));
  const stays = new Set((await stillWanted(db, refs)).map((it) => `${it.kind}-${it.id}`));
  const dropped = [
    ...history.filter(({ data }) => typeof data.chatId === 'string' && !wanted.has(data.chatId)),
    ...media.filter(({ data }) => !stays.has(`${data.kind as string}-${data.id as string}`)),
  ];
  for (const job of dropped) await job.remove();
  return dropped.length;
}
