/**
 * leftovers.ts: what killed workers left in /temp and .incoming of media that need it no more. While a download runs its claim
 * keeps this away; a name that is none of ours is left to the person (`tgsync verify` tells of it).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { claimMedia, type Db, type MediaRef, releaseClaim } from '@tgsync/shared/db';
import {
  hasPlainFolder,
  incomingFolder,
  lookAtPlain,
  ownerInIncoming,
  ownerInTemp,
  probePrefix,
  removePlain,
} from '@tgsync/shared/store';
import { discardParts } from './adopt-parts.js';
import { heldBy } from './held.js';
import { sweepIncoming } from './incoming.js';

/** A probe of the disk takes a moment; one that is this old was left by a killed worker. */
const probeMs = 60_000;

interface Folders {
  media: string;
  temp: string;
}

/** Removes what is left of media that are saved or gone; returns how many downloads and files. */
export async function removeLeftovers(db: Db, { media, temp }: Folders): Promise<number> {
  const found = new Map<string, MediaRef>();
  let removed = 0;
  const note = async (folder: string, name: string, ref: MediaRef | undefined) => {
    if (name.startsWith(probePrefix)) removed += await removeIfOld(join(folder, name));
    if (ref) found.set(`${ref.kind}-${ref.id}`, ref);
  };
  for (const name of await readdir(temp)) await note(temp, name, ownerInTemp(name));
  const incoming = join(media, incomingFolder);
  if (await hasPlainFolder(incoming))
    for (const name of await readdir(incoming)) await note(incoming, name, mediaInIncoming(name));
  for (const ref of found.values()) removed += await removeIfDone(db, ref, { media, temp });
  return removed;
}

function mediaInIncoming(name: string): MediaRef | undefined {
  const owner = ownerInIncoming(name);
  return owner && 'kind' in owner ? owner : undefined;
}

async function removeIfDone(db: Db, ref: MediaRef, { media, temp }: Folders): Promise<number> {
  const claimed = await claimMedia(db, ref);
  if (!claimed) return 0; // a worker is at it, or nobody knows it
  try {
    if (claimed.state !== 'saved' && claimed.state !== 'gone') return 0;
    const held = heldBy(db, claimed);
    const inTemp = await discardParts(temp, held);
    return (await hasPlainFolder(join(media, incomingFolder))) ? inTemp + (await sweepIncoming(media, held)) : inTemp;
  } finally {
    await releaseClaim(db, claimed).catch(() => {}); // it runs out by itself
  }
}

async function removeIfOld(path: string): Promise<number> {
  const found = await lookAtPlain(path); // its worker may have been faster
  if (!found || Date.now() - found.mtimeMs < probeMs) return 0;
  await removePlain(path);
  return 1;
}
