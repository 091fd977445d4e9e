/**
 * incoming.ts: whole files on their way into a repo. Like unfinished ones they go from owner to owner by a rename: the name of an
 * earlier claim leads nowhere then, so nothing is linked or placed by it any more.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { incomingFolder, incomingName, isWholeInIncoming, ownerInIncoming } from './layout.js';
import { lookAtPlain, removePlain } from './plain.js';
import { type Held, type HeldName, namesOf } from './held.js';

/** Where the holder of a claim has a whole file. */
export function incomingPath(media: string, { kind, claim }: Held, fileName: string): string {
  return join(media, incomingFolder, incomingName(kind, fileName, claim));
}

/**
 * Takes over the whole file that an earlier owner left, and removes its half ones, which take room. Undefined: there is no whole one.
 * Throws a {@link ClaimLostError}.
 */
export async function adoptIncoming(
  media: string,
  held: Held,
  fileName: string,
  isOurs: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  let whole: string | undefined;
  for (const it of await incomingOf(media, held)) {
    if (!isWholeInIncoming(it.name)) await removeFile(it);
    else if (!whole && (await isOurs(it.path))) whole = it.path;
  }
  if (whole === undefined) return undefined;
  const mine = incomingPath(media, held, fileName);
  if (whole !== mine) await rename(whole, mine);
  return mine;
}

/** Removes all that is on its way of a media that has its place; returns how many files. */
export async function sweepIncoming(media: string, held: Held): Promise<number> {
  let removed = 0;
  for (const it of await incomingOf(media, held)) removed += await removeFile(it);
  return removed;
}

async function incomingOf(media: string, held: Held): Promise<HeldName[]> {
  return await namesOf(held, join(media, incomingFolder), ownerInIncoming);
}

/** A folder is none of ours. */
async function removeFile({ path }: HeldName): Promise<number> {
  if ((await lookAtPlain(path))?.isDirectory()) return 0;
  await removePlain(path);
  return 1;
}
