/**
 * incoming.ts: complete files on their way into a repo. Like unfinished ones, they pass from owner to owner by a rename, after which
 * the path with the earlier claim no longer exists, so its owner can neither link nor place the file.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { incomingFolder, incomingName, isWholeInIncoming, ownerInIncoming } from './layout.js';
import { inspectPath, removePlain } from './plain.js';
import { type Held, type HeldName, namesOf } from './held.js';

/** Where the holder of a claim has a complete file. */
export function incomingPath(media: string, { kind, claim }: Held, fileName: string): string {
  return join(media, incomingFolder, incomingName(kind, fileName, claim));
}

/**
 * Takes over the complete file that an earlier owner left, and removes incomplete ones, which take up space. Returns undefined if there
 * is no complete one. Throws a {@link ClaimLostError}.
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

/** Removes all files still in .incoming of a media that has been placed; returns how many. */
export async function sweepIncoming(media: string, held: Held): Promise<number> {
  let removed = 0;
  for (const it of await incomingOf(media, held)) removed += await removeFile(it);
  return removed;
}

async function incomingOf(media: string, held: Held): Promise<HeldName[]> {
  return await namesOf(held, join(media, incomingFolder), ownerInIncoming);
}

/** Folders are never ours. */
async function removeFile({ path }: HeldName): Promise<number> {
  if ((await inspectPath(path))?.isDirectory()) return 0;
  await removePlain(path);
  return 1;
}
