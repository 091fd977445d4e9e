/**
 * download-media.ts: sees to it that a media is in its repo once and linked into every chat that waits for it.
 * Safe to repeat: what is on disk already is taken up, and what the person deleted stays deleted.
 */
import {
  type Db,
  type Media,
  type PendingLink,
  pendingLinks,
  recordDataCentre,
  recordFailure,
  recordLinks,
  recordSaved,
  reserveLinkName,
  resetFailed,
  stillWanted,
} from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload, Queues } from '@tgsync/shared/jobs';
import { partName } from '@tgsync/shared/store';
import { FileReferenceError, type Files, KeyNeededError, MigrateError } from '@tgsync/shared/telegram';
import { withClaim } from '../claim.js';
import { downloadParts } from '../download.js';
import { freshReference, WaitsForChatError } from '../fresh-reference.js';
import type { RunningDownloads } from '../running.js';
import { diskTrouble } from '../store/disk-errors.js';
import type { MediaStore } from '../store/media-store.js';
import { linkName, repoName } from '../store/names.js';
import { PartFile } from '../store/part-file.js';
import type { Room } from '../store/room.js';

export interface Deps {
  db: Db;
  queues: Queues;
  files: Files;
  store: MediaStore;
  temp: string;
  room: Room;
  running: RunningDownloads;
  /** What a file name may be. */
  names: () => { maxBytes: number };
}

/** How often one run asks for a fresh reference or another data centre before it counts as a failure. */
const detours = 5;
const keyWaitMs = 2000;
const progressMs = 1000;

export const downloadMedia =
  (deps: Deps) =>
  async (ref: Payload<'download-media'>, context: JobContext): Promise<void> => {
    // Its chats were dropped from config.json, or all is linked: a job that was planned twice leaves no trace.
    if ((await stillWanted(deps.db, [ref])).length === 0) return;
    await withClaim(deps.db, ref, context.signal, async (media, signal) => {
      try {
        if (media.state === 'saved') await linkLater(deps, media);
        else await bring(deps, media, { ...context, signal });
      } catch (error) {
        if (error instanceof WaitsForChatError) return await context.note(`Put off: ${error.message}.`);
        throw await outcome(deps, media, error, context, signal);
      }
    });
  };

/** A message came later: linked to what is saved, or deliberately not, when the person deleted the file. */
async function linkLater({ db, store, names }: Deps, media: Media): Promise<void> {
  const links = await pendingLinks(db, media);
  for (const one of links) {
    const name = await nameOf({ db, names }, media, one);
    const linked = await store.linkSaved(media.kind, media.fileName!, { chatId: one.chatId, name });
    await recordLinks(db, media, [one], linked ? 'linked' : 'absent');
  }
}

async function bring(deps: Deps, media: Media, context: JobContext): Promise<void> {
  const { db, store, temp, names } = deps;
  if (media.state !== 'owed') await resetFailed(db, media); // only a person asks for it again
  const fileName = repoName(media);
  let path = await store.findWhole(media.kind, fileName, media.size);
  if (!path) {
    const file = await PartFile.open(temp, partName(media), Number(media.size));
    await download(deps, media, file, context);
    path = await store.takeIn(file.path, media.kind, fileName);
  }
  const stored = await store.fingerprint(path);
  if (stored.size !== media.size) throw new Error(`the file has ${stored.size} bytes instead of ${media.size}`);
  context.signal.throwIfAborted();
  const links = await pendingLinks(db, media);
  const named = [];
  for (const one of links) {
    const name = await nameOf({ db, names }, media, one);
    named.push({ chatId: one.chatId, name });
  }
  await store.place(path, media.kind, fileName, named);
  if (!(await recordSaved(db, media, { fileName, ...stored }, links)))
    throw new RetryAfterError(0, 'another worker took it over');
  await PartFile.discard(temp, partName(media)); // also those of a run that was killed after the file was whole
  await context.note(`Saved as ${fileName} (${stored.size} bytes) and linked ${links.length} times.`);
  context.log.debug({ kind: media.kind, id: media.id, bytes: stored.size, links: links.length }, 'saved');
}

async function nameOf({ db, names }: Pick<Deps, 'db' | 'names'>, media: Media, link: PendingLink): Promise<string> {
  return await reserveLinkName(db, media, link, (taken) => linkName(media, link.messageId, taken, names().maxBytes));
}

/** Fills the part file, with fresh references and other data centres on the way. */
async function download(deps: Deps, first: Media, file: PartFile, context: JobContext): Promise<void> {
  const { db, files, running, room } = deps;
  const run = running.start(first, file.doneBytes);
  const tell = setInterval(() => void context.progress(run.progress).catch(() => {}), progressMs);
  let reserved: Awaited<ReturnType<Room['admit']>> | undefined;
  const onBytes = (bytes: number) => {
    reserved?.wrote(bytes);
    run.add(bytes);
    running.received(bytes);
  };
  let whole = false;
  try {
    reserved = await room.admit(file.size - file.doneBytes, file.size);
    let media = first;
    for (let detour = 0; !whole; detour++) {
      try {
        await files.awaitTurn(media);
        await downloadParts(files, media, file, { signal: context.signal, onBytes, beforePart: room.check });
        await file.finish();
        whole = true;
      } catch (error) {
        if (detour === detours) throw error;
        if (error instanceof FileReferenceError) {
          await context.note('The file reference was too old; asking for a fresh one.');
          media = await freshReference(deps, media, context.signal);
        } else if (error instanceof MigrateError) {
          await recordDataCentre(db, media, error.dcId);
          media = { ...media, dcId: error.dcId };
        } else {
          throw error;
        }
      }
    }
  } finally {
    clearInterval(tell);
    reserved?.end();
    running.end(run, whole);
    if (!whole) await file.pause();
  }
  await context.progress(run.progress);
}

/** What a failure means for the media and the job. A shutdown and a date are none. */
async function outcome(
  deps: Deps,
  media: Media,
  error: unknown,
  context: JobContext,
  signal: AbortSignal,
): Promise<unknown> {
  if (signal.aborted) return signal.reason instanceof RetryAfterError ? signal.reason : error;
  if (error instanceof RetryAfterError) return error;
  const wait = await deps.room.meaningOf(error);
  if (wait) return wait;
  if (error instanceof KeyNeededError) {
    await deps.queues.enqueue([{ name: 'grant-media-key', payload: { dcId: error.dcId, refused: error.refused } }]);
    return new RetryAfterError(keyWaitMs, error.message);
  }
  const final = error instanceof PermanentError || context.lastAttempt;
  await recordFailure(deps.db, media, diskTrouble(error) ?? (error as Error).message, final);
  return error;
}
