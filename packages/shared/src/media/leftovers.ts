/** leftovers.ts: removes what killed workers left behind for media that no longer need it. */
import type { Db, MediaRef } from '../db/index.js';
import { type Folders, mediaOnTheWay, removeOldProbes, removeOnTheWay } from '../store/index.js';
import { heldBy, withClaim } from './claim.js';

/** Removes leftovers of media that are saved or gone; returns how many downloads and files were removed. */
export async function removeLeftovers(db: Db, folders: Folders): Promise<number> {
  let removed = await removeOldProbes(folders);
  for (const ref of await mediaOnTheWay(folders)) removed += await removeIfDone(db, ref, folders);
  return removed;
}

async function removeIfDone(db: Db, ref: MediaRef, folders: Folders): Promise<number> {
  const removed = await withClaim(db, ref, async (media) =>
    media.state === 'saved' || media.state === 'gone' ? await removeOnTheWay(folders, heldBy(db, media)) : 0,
  );
  return removed ?? 0; // a worker has claimed it, or it is not in the database
}
