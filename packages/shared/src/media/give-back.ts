/** give-back.ts: when no unfinished file has enough space to continue, discards parts of others. plan-give-back.ts chooses which. */
import { type Db, type MediaRef, mediaNamed, stillWanted } from '../db/index.js';
import { discardParts, measureUnfinished, unfinishedMediaIn, type Waiting } from '../store/index.js';
import { heldBy, withClaim } from './claim.js';
import { planGiveBack, type Unfinished } from './plan-give-back.js';

/** Frees space for one of the waiting downloads; `spare` bytes are free already. Returns the media whose parts were discarded. */
export async function giveBackParts(
  db: Db,
  temp: string,
  spare: number,
  waiting: readonly Waiting[],
): Promise<MediaRef[]> {
  const given: MediaRef[] = [];
  for (const { kind, id } of planGiveBack(await unfinishedOf(db, temp), spare, waiting))
    if (await discard(db, temp, { kind, id })) given.push({ kind, id });
  return given;
}

async function unfinishedOf(db: Db, temp: string): Promise<Unfinished[]> {
  const onDisk = await unfinishedMediaIn(temp);
  const refs = onDisk.map((it) => it.media);
  const pathsOf = new Map(onDisk.map((it) => [keyOf(it.media), it.paths]));
  const wanted = new Set((await stillWanted(db, refs)).map(keyOf));
  const found: Unfinished[] = [];
  for (const media of await mediaNamed(db, refs)) {
    if (media.state === 'saved') continue;
    const size = await measureUnfinished(pathsOf.get(keyOf(media))!, Number(media.size));
    const isWanted = media.state === 'owed' && wanted.has(keyOf(media));
    if (size) found.push({ media, ...size, isWanted });
  }
  return found;
}

const keyOf = ({ kind, id }: MediaRef) => `${kind}-${id}`;

/** false: a worker has it right now. */
async function discard(db: Db, temp: string, ref: MediaRef): Promise<boolean> {
  const isGone = await withClaim(db, ref, async (media) => {
    if (media.state === 'saved') return false;
    await discardParts(temp, heldBy(db, media));
    return true;
  });
  return isGone ?? false;
}
