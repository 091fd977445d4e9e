/**
 * give-back.ts: when no unfinished file has room to go on, parts of others are given back: first of media that nobody waits for, then
 * the youngest. So no set of part files can lock an archive up, and what is nearest to its end is finished first.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CheckedMedia,
  claimMedia,
  type Db,
  type MediaRef,
  mediaNamed,
  releaseClaim,
  stillWanted,
} from '@tgsync/shared/db';
import { lookAtPlain, ownerInTemp, partName } from '@tgsync/shared/store';
import { PartFile } from './part-file.js';
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
  const found = await unfinishedIn(db, temp);
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

async function unfinishedIn(db: Db, temp: string): Promise<Unfinished[]> {
  const refs = (await readdir(temp)).filter((it) => it.endsWith('.part')).flatMap((it) => ownerInTemp(it) ?? []);
  const wanted = new Set((await stillWanted(db, refs)).map(partName));
  const found: Unfinished[] = [];
  for (const media of await mediaNamed(db, refs)) {
    const path = join(temp, `${partName(media)}.part`);
    const file = await lookAtPlain(path);
    if (!file?.isFile() || media.state === 'saved') continue;
    const size = Number(media.size);
    let left = size;
    for (const index of (await readRecord(`${path}.json`, size)).keys()) left -= partAt(size, index).length;
    const isWanted = media.state === 'owed' && wanted.has(partName(media));
    found.push({ media, bytes: file.blocks * 512, left, begunAt: file.birthtimeMs, isWanted });
  }
  return found;
}

/** False: a worker is at it just now. */
async function discard(db: Db, temp: string, ref: MediaRef): Promise<boolean> {
  const claimed = await claimMedia(db, ref);
  if (!claimed) return false;
  try {
    if (claimed.state === 'saved') return false;
    await PartFile.discard(temp, partName(ref));
    return true;
  } finally {
    await releaseClaim(db, claimed).catch(() => {}); // it runs out by itself
  }
}
