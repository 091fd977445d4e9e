/** claim.ts: the claim of a media while it is mended, so that no worker of the running fleet touches its files meanwhile. */
import {
  claimMedia,
  claimRenewalMs,
  type Db,
  type Media,
  type MediaRef,
  releaseClaim,
  renewClaim,
} from '@tgsync/shared/db';

/** Undefined: a worker has it. `assertMine` throws when the claim was lost on the way. */
export async function whileClaimed<T>(
  db: Db,
  ref: MediaRef,
  work: (media: Media, assertMine: () => void) => Promise<T>,
): Promise<T | undefined> {
  const media = await claimMedia(db, ref);
  if (!media) return undefined;
  let isLost = false;
  const renewing = setInterval(() => {
    renewClaim(db, media).then(
      (kept) => (isLost ||= !kept),
      () => {}, // the database is away: what is to be written needs it anyway
    );
  }, claimRenewalMs);
  try {
    return await work(media, () => {
      if (isLost) throw new ClaimLostError(`${ref.kind} ${ref.id} was taken over by a worker`);
    });
  } finally {
    clearInterval(renewing);
    await releaseClaim(db, media).catch(() => {}); // it runs out by itself
  }
}

export class ClaimLostError extends Error {
  override name = 'ClaimLostError';
}
