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

/** Work on a claimed media. `lost` aborts with a {@link ClaimLostError} once another worker has taken it over. */
type Work<T> = (media: Media, lost: AbortSignal) => Promise<T>;

/**
 * Claims a media, renews the claim while `work` runs, and releases it. Returns undefined if another worker has it, or it is not in the
 * database.
 */
export async function withClaim<T>(db: Db, ref: MediaRef, work: Work<T>): Promise<T | undefined> {
  const media = await claimMedia(db, ref);
  return media && (await whileClaimed(db, media, work));
}

/** Renews the claim on a media while `work` runs, and releases it, unless `hasEnded` says that the claim ended with what was recorded. */
export async function whileClaimed<T>(
  db: Db,
  media: Media,
  work: Work<T>,
  hasEnded: (result: T) => boolean = () => false,
): Promise<T> {
  const lost = new AbortController();
  const renewing = setInterval(() => {
    renewClaim(db, media).then(
      (kept) => kept || lost.abort(new ClaimLostError()),
      () => {}, // the database is down: the claim may outlive that, and writing needs the database anyway
    );
  }, claimRenewalMs);
  let isOver = false;
  try {
    const result = await work(media, lost.signal);
    isOver = hasEnded(result);
    return result;
  } finally {
    clearInterval(renewing);
    if (!isOver) await releaseClaim(db, media).catch(() => {}); // it expires by itself
  }
}

/** A claimed media in the form that `store` needs. */
export function heldBy(db: Db, media: Media): Held {
  const { kind, id, claim, sha256 } = media;
  return { kind, id, claim, isFirst: claim === 1n && sha256 === null, renew: () => renewClaim(db, media) };
}
