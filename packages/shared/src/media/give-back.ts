/**
 * give-back.ts: when no unfinished file has room to go on, parts of others are given back: first of media that nobody waits for, then
 * the youngest. So no set of part files can lock an archive up, and what is nearest to its end is finished first.
 */
import {
  type CheckedMedia,
  claimMedia,
  type Db,
  type MediaRef,
  mediaNamed,
  releaseClaim,
  stillWanted,
} from '@tgsync/shared/db';
import { lookAtPlain, type UnfinishedPaths } from '@tgsync/shared/store';
import { discardParts, unfinishedIn } from './adopt-parts.js';
import { heldBy } from './held.js';
import { readRecord } from './part-record.js';
import { partAt } from './parts.js';

/** A download that found no room. */
export interface Waiting {
  media: MediaRef;
  /** Bytes on the disk of /temp. */
  needs: number;
  /** It was begun, and goes on from there. */
  hasParts: boolean;
}

interface Unfinished {
  media: CheckedMedia;
  /** Bytes that the disk gets back. */
  bytes: number;
  left: number;
  begunAt: number;
  isWanted: boolean;
}

/**
 * Makes room for one of those that wait; where none could look, as the disk has less than must stay free, for one whose parts are
 * here. `spare`: bytes that are free for downloads already. Nothing is given back where that would not be enough. Returns the media
 * whose parts are gone.
 */
export async function giveBackParts(
  db: Db,
  temp: string,
  spare: number,
  waiting: readonly Waiting[],
): Promise<MediaRef[]> {
  const found = await unfinishedOf(db, temp);
  const going = leastOf(waiting) ?? leastOf(found.filter((it) => it.isWanted).map(asWaiting));
  if (!going) return [];
  const others = found.filter((it) => it.media.kind !== going.media.kind || it.media.id !== going.media.id);
  const victims: Unfinished[] = [];
  let room = spare;
  for (const it of others.sort(givenBackFirst)) {
    if (room >= going.needs) break;
    victims.push(it);
    room += it.bytes;
  }
  if (room < going.needs) return [];
  const given: MediaRef[] = [];
  for (const { media } of victims) if (await discard(db, temp, media)) given.push({ kind: media.kind, id: media.id });
  return given;
}

/** What was begun comes before what was not. */
function leastOf(waiting: readonly Waiting[]): Waiting | undefined {
  return [...waiting].sort((a, b) => Number(b.hasParts) - Number(a.hasParts) || a.needs - b.needs)[0];
}

function asWaiting({ media, left }: Unfinished): Waiting {
  return { media, needs: left, hasParts: true };
}

function givenBackFirst(a: Unfinished, b: Unfinished): number {
  return Number(a.isWanted) - Number(b.isWanted) || b.begunAt - a.begunAt;
}

async function unfinishedOf(db: Db, temp: string): Promise<Unfinished[]> {
  const pathsOf = new Map<string, UnfinishedPaths[]>();
  const refs: MediaRef[] = [];
  for (const { owner, paths } of await unfinishedIn(temp)) {
    const others = pathsOf.get(keyOf(owner));
    if (!others) refs.push(owner);
    pathsOf.set(keyOf(owner), [...(others ?? []), paths]);
  }
  const wanted = new Set((await stillWanted(db, refs)).map(keyOf));
  const found: Unfinished[] = [];
  for (const media of await mediaNamed(db, refs)) {
    if (media.state === 'saved') continue;
    const onDisk = await measured(pathsOf.get(keyOf(media))!, Number(media.size));
    const isWanted = media.state === 'owed' && wanted.has(keyOf(media));
    if (onDisk) found.push({ media, ...onDisk, isWanted });
  }
  return found;
}

const keyOf = ({ kind, id }: MediaRef) => `${kind}-${id}`;

/** Usually of one folder; of several, when an owner was late, the next one goes on with that of the most parts. */
async function measured(
  all: readonly UnfinishedPaths[],
  size: number,
): Promise<Pick<Unfinished, 'bytes' | 'left' | 'begunAt'> | undefined> {
  let [isThere, bytes, left, begunAt] = [false, 0, size, Infinity];
  for (const paths of all) {
    const file = await lookAtPlain(paths.bytes);
    if (!file?.isFile()) continue;
    let missing = size;
    for (const index of (await readRecord(paths.record, size)).keys()) missing -= partAt(size, index).length;
    isThere = true;
    bytes += file.blocks * 512;
    left = Math.min(left, missing);
    begunAt = Math.min(begunAt, file.birthtimeMs);
  }
  return isThere ? { bytes, left, begunAt } : undefined;
}

/** False: a worker is at it just now. */
async function discard(db: Db, temp: string, ref: MediaRef): Promise<boolean> {
  const claimed = await claimMedia(db, ref);
  if (!claimed) return false;
  try {
    if (claimed.state === 'saved') return false;
    await discardParts(temp, heldBy(db, claimed));
    return true;
  } finally {
    await releaseClaim(db, claimed).catch(() => {}); // it runs out by itself
  }
}
