/** claim.ts: holds the claim of a media while it is worked on; a claim that was lost to another worker aborts the work. */
import {
  claimMedia,
  claimRenewalMs,
  type Db,
  findMedia,
  type Media,
  type MediaRef,
  releaseClaim,
  renewClaim,
} from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';

/** When to look again whether the other worker is still at it. */
const takenMs = 5000;

export async function withClaim(
  db: Db,
  ref: MediaRef,
  signal: AbortSignal,
  work: (media: Media, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const media = await claimMedia(db, ref);
  if (!media) {
    if (await findMedia(db, ref)) throw new RetryAfterError(takenMs, 'another worker is at it');
    throw new PermanentError(`${ref.kind} ${ref.id} is not in the database`);
  }
  const lost = new AbortController();
  const renewing = setInterval(() => {
    renewClaim(db, media).then(
      (kept) => kept || lost.abort(new RetryAfterError(takenMs, 'another worker took it over')),
      () => {}, // the database is away: the claim may outlive it, and writing needs it anyway
    );
  }, claimRenewalMs);
  try {
    await work(media, AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(renewing);
    await releaseClaim(db, media).catch(() => {}); // it runs out by itself
  }
}
