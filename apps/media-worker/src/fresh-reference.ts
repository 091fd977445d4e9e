/**
 * fresh-reference.ts: a file reference that Telegram refused is renewed by the fetch worker, from any message that still
 * holds the media, while the job waits; the parts on disk stay.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, findMedia, type Media, type Origin, originOf, refuseReference } from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import type { Queues } from '@tgsync/shared/jobs';

/** Nothing can be done before a chat can be read again: then it is planned again. */
export class WaitsForChatError extends Error {
  override name = 'WaitsForChatError';
}

const lookMs = 200;
/** Asked again after so long, and each time after twice as long: the running job for the chat may have looked before us. */
const askAgainMs = 2000;
const patienceMs = 60_000;

export async function freshReference(
  { db, queues }: { db: Db; queues: Queues },
  media: Media,
  signal: AbortSignal,
): Promise<Media> {
  await refuseReference(db, media);
  const start = performance.now();
  let pause = askAgainMs;
  for (let askAt = start; performance.now() - start < patienceMs;) {
    const found = await findMedia(db, media);
    if (found?.state === 'gone') throw new PermanentError(found.reason ?? 'gone in Telegram');
    if (found && found.referenceRefusedAt === null) return { ...found, claim: media.claim };
    if (performance.now() >= askAt) {
      const origin = await originOf(db, media);
      if (origin && !origin.readable) throw unreadable(origin);
      if (origin) await queues.enqueue([{ name: 'refresh-references', payload: { chatId: origin.chatId } }]);
      askAt = performance.now() + pause;
      pause *= 2;
    }
    await sleep(lookMs, undefined, { signal });
  }
  throw new RetryAfterError(5000, 'waiting for a fresh file reference: is a fetch worker running?');
}

function unreadable({ chatId, wanted }: Origin): Error {
  const why = `its file reference is too old, and chat ${chatId}, which holds it, cannot be read now`;
  return wanted ? new WaitsForChatError(why) : new Error(`${why}; it is not in tg.chats`);
}
