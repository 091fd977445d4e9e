/**
 * fresh-reference.ts: a file reference that Telegram refused is renewed by the fetch worker, from any message that still
 * holds the media, while the job waits; the parts on disk stay.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, findMedia, type Media, originOf, refuseReference } from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import type { Queues } from '@tgsync/shared/jobs';

const lookMs = 200;
/** Asked again this often: the running job for the chat may have looked before us. */
const askAgainMs = 2000;
const patienceMs = 60_000;

export async function freshReference(
  { db, queues }: { db: Db; queues: Queues },
  media: Media,
  signal: AbortSignal,
): Promise<Media> {
  await refuseReference(db, media);
  const start = performance.now();
  for (let askedAt = -Infinity; performance.now() - start < patienceMs;) {
    const found = await findMedia(db, media);
    if (found?.state === 'gone') throw new PermanentError(found.reason ?? 'gone in Telegram');
    if (found && found.referenceRefusedAt === null) return { ...found, claim: media.claim };
    if (performance.now() - askedAt > askAgainMs) {
      const origin = await originOf(db, media);
      if (origin && !origin.readable)
        throw new Error('its file reference is too old, and the chat that holds it cannot be read now');
      if (origin) await queues.enqueue([{ name: 'refresh-references', payload: { chatId: origin.chatId } }]);
      askedAt = performance.now();
    }
    await sleep(lookMs, undefined, { signal });
  }
  throw new RetryAfterError(5000, 'waiting for a fresh file reference: is a fetch worker running?');
}
