/** claim.ts: what a job does when another worker has its media, or takes it over. */
import { claimWanted, type Db, findMedia, type Media, type MediaRef, type WantedMedia } from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { whileClaimed } from '@tgsync/shared/media';

/** When to check again whether the other worker still has it. */
const takenMs = 5000;

/** What work on a claimed media says at its end. */
export interface Outcome {
  /** For people. */
  line?: string;
  /** The claim ended with what was recorded. */
  isReleased?: boolean;
}

/**
 * Runs work under a claim until it is done, or `signal` or the loss of the claim aborts it; returns its line. Does nothing for a media
 * that no chat waits for. Throws RetryAfterError while another worker has the media.
 */
export async function workOn(
  db: Db,
  ref: MediaRef,
  signal: AbortSignal,
  work: (claimed: WantedMedia, signal: AbortSignal) => Promise<Outcome>,
): Promise<string | void> {
  const claimed = await claimWanted(db, ref);
  if (claimed === 'unwanted') return;
  if (claimed) {
    const isReleased = (it: Outcome) => it.isReleased ?? false;
    const run = async (media: Media, lost: AbortSignal) =>
      await work({ ...claimed, media }, AbortSignal.any([signal, lost]));
    return (await whileClaimed(db, claimed.media, run, isReleased)).line;
  }
  if (await findMedia(db, ref)) throw new RetryAfterError(takenMs, 'another worker is downloading it');
  throw new PermanentError(`${ref.kind} ${ref.id} is not in the database`);
}
