/** claim.ts: holds the claim on a media while somebody works on it or its files, so that nobody else does. */
import {
  claimMedia,
  claimRenewalMs,
  type Db,
  type Media,
  type MediaRef,
  releaseClaim,
  renewClaim,
} from '../db/index.js';
import { ClaimLostError, type Held } from '../store/index.js';

/**
 * Claims a media, renews the claim while `work` runs, and releases it. `lost` aborts with a {@link ClaimLostError} once another worker
 * has taken it over. Returns undefined if another worker has it, or it is not in the database.
 */
export async function withClaim<T>(
  db: Db,
  ref: MediaRef,
  work: (media: Media, lost: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const media = await claimMedia(db, ref);
  if (!media) return undefined;
  const lost = new AbortController();
  const renewing = setInterval(() => {
    renewClaim(db, media).then(
      (kept) => kept || lost.abort(new ClaimLostError()),
      () => {}, // the database is down: the claim may outlive that, and writing needs the database anyway
    );
  }, claimRenewalMs);
  try {
    return await work(media, lost.signal);
  } finally {
    clearInterval(renewing);
    await releaseClaim(db, media).catch(() => {}); // it expires by itself
  }
}

/** A claimed media in the form that `store` needs. */
export function heldBy(db: Db, media: Media): Held {
  const { kind, id, claim } = media;
  return { kind, id, claim, renew: () => renewClaim(db, media) };
}
