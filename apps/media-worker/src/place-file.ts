/**
 * place-file.ts: links a complete file into the chats that wait for it, gives it its name in the repo and records it as saved, in this
 * order and in as few steps as can be: it runs for every file.
 */
import { holdForPlacing, recordSaved, type WantedMedia } from '@tgsync/shared/db';
import type { JobContext } from '@tgsync/shared/jobs';
import { assertHeld, ClaimLostError, discardParts, type Held, SmallFile, type StoredFile } from '@tgsync/shared/store';
import type { Outcome } from './claim.js';
import { linkAll, type LinkDeps, nameAll, usualNaming } from './links.js';

export interface PlaceDeps extends Omit<LinkDeps, 'log'> {
  temp: string;
}

/** A complete file, in .incoming or in its repo. */
export interface WholeFile {
  path: string;
  /** Its name in the repo. */
  fileName: string;
  stored: StoredFile;
  /** Every byte was checked against Telegram's hashes. */
  proven: boolean;
  /** Nobody had it before, and a moment ago there was nothing by its name in the repo. */
  isNew?: boolean;
}

/** Throws a {@link ClaimLostError}, and errors of the disk. */
export async function placeFile(
  deps: PlaceDeps,
  { media, link }: WantedMedia,
  held: Held,
  { path, fileName, stored, proven, isNew }: WholeFile,
  context: JobContext,
): Promise<Outcome> {
  const { db, store, temp } = deps;
  context.signal.throwIfAborted();
  // From here on, whoever claims it recognises the file in .incoming and takes it over: none of our links can point to another one.
  const placeable = await holdForPlacing(db, media, stored.sha256, link, usualNaming(deps, media));
  if (!placeable) {
    await store.removeTakenIn(held, fileName);
    throw new ClaimLostError();
  }
  const stillHeld = fresh(held);
  const { links } = placeable;
  // Rules that changed meanwhile left out every link. In the repo, a file without links would look like one that the person wants deleted.
  if (links.length === 0 && !(await store.has(media.kind, fileName))) {
    await store.sweep(held);
    await discardParts(temp, held);
    return { line: 'No chat wants the file any more; discarded.' };
  }
  // What came into the repo meanwhile stays there: it is found by the next attempt.
  const source = isNew ? path : await store.sourceOf(path, media.kind, fileName);
  const places = await nameAll(deps, media, links);
  await stillHeld();
  await store.date(source, placeable.firstDate);
  const linking = { ...deps, log: context.log };
  let { made, refused } = await linkAll(linking, media, { ...stored, path: source, fileName }, links, places);
  // Without any link it would look like one that the person wants deleted.
  if (made.length === 0 && refused.length > 0) throw new Error(refused[0]!.reason);
  await stillHeld();
  if (await store.keep(path, source, held, fileName)) {
    const kept = { ...stored, path: store.savedPath(media.kind, fileName), fileName };
    ({ made, refused } = await linkAll(linking, media, kept, links, places));
  }
  // Including those of a run that was killed after the file was complete. Once it is recorded, no job returns to it.
  if (!held.isFirst || !SmallFile.holds(Number(stored.size))) await discardParts(temp, held);
  if (!(await recordSaved(db, media, { fileName, ...stored }, made, refused, proven))) throw new ClaimLostError();
  context.log.debug({ kind: media.kind, id: media.id, bytes: stored.size, links: made.length }, 'saved');
  return { line: `Saved as ${fileName} (${stored.size} bytes) and linked ${made.length} times.`, isReleased: true };
}

/** For this long after a claim was renewed, it need not be renewed again: it lasts far longer. */
const freshMs = 1000;

/** For a claim that was renewed just now: renews it if that is no longer true; throws a {@link ClaimLostError} if it was lost. */
function fresh(held: Held): () => Promise<void> {
  let renewedAt = performance.now();
  return async () => {
    if (performance.now() - renewedAt < freshMs) return;
    await assertHeld(held);
    renewedAt = performance.now();
  };
}
