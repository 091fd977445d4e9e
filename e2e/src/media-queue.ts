/** media-queue.ts: what waits in the media queue, and the order in which files are asked for. */
import type { Emulator } from '@tgsync/telegram-emulator';
import type { Archive } from '@tgsync/testing';
import { asOwner } from './dashboard-login.js';

/** Jobs waiting in the media queue, as counted by the dashboard. */
export async function waitingMedia(dashboard: string, { env }: Archive): Promise<number | undefined> {
  const answer = await fetch(`${dashboard}/queues/api/queues`, { headers: asOwner(env) });
  const { queues } = (await answer.json()) as { queues: { name: string; counts: { waiting: number } }[] };
  return queues.find((it) => it.name === 'media')?.counts.waiting;
}

/** The files that were asked for from now on, by id, a request each. */
export function filesAsked(telegram: Emulator): bigint[] {
  const ids: bigint[] = [];
  telegram.onCall(({ method, query }) => {
    if (method === 'upload.getFile') ids.push((query['location'] as { id: bigint }).id);
  });
  return ids;
}
