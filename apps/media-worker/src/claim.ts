/** claim.ts: what a job does when another worker has its media, or takes it over. */
import { type Db, findMedia, type Media, type MediaRef } from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { withClaim } from '@tgsync/shared/media';

/** When to check again whether the other worker still has it. */
const takenMs = 5000;

/**
 * Runs work under a claim until it is done, or `signal` or the loss of the claim aborts it. Throws RetryAfterError while another worker
 * has the media.
 */
export async function workOn(
  db: Db,
  ref: MediaRef,
  signal: AbortSignal,
  work: (media: Media, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const isDone = await withClaim(db, ref, async (media, lost) => {
    await work(media, AbortSignal.any([signal, lost]));
    return true;
  });
  if (isDone) return;
  if (await findMedia(db, ref)) throw new RetryAfterError(takenMs, 'another worker is downloading it');
  throw new PermanentError(`${ref.kind} ${ref.id} is not in the database`);
}
