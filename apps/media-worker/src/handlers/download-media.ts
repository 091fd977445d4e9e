/**
 * download-media.ts: gets a media into its repo once and links it into every chat that waits for it. Safe to repeat: what is already on
 * disk is reused, and what the person deleted stays deleted.
 */
import {
  type Db,
  firstDate,
  type Media,
  type OwedLink,
  pendingLinks,
  recordDeleted,
  recordFailure,
  recordHash,
  recordLinks,
  recordRefusedLinks,
  recordSaved,
  renewClaim,
  resetFailed,
  stillWanted,
} from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { type JobContext, jobs, type Payload, type Queues } from '@tgsync/shared/jobs';
import { heldBy } from '@tgsync/shared/media';
import {
  assertHeld,
  ClaimLostError,
  discardParts,
  diskTrouble,
  fileSize,
  fingerprintOf,
  type MediaStore,
  requirePlain,
  PartFile,
  rangesOf,
  ReplacedError,
  repoName,
  type Reservation,
  type DiskSpace,
  type StoredFile,
} from '@tgsync/shared/store';
import { FileReferenceError, type Files, isOfPlace, KeyNeededError } from '@tgsync/shared/telegram';
import { workOn } from '../claim.js';
import { downloadParts } from '../download.js';
import { isSameFile } from './prove-media.js';
import { detoured } from '../detours.js';
import { linkAll } from '../links.js';
import type { NameRules } from '../naming.js';
import { PutOffError, whenRefused } from '../refused-reference.js';
import type { RunningDownloads } from '../running.js';

export interface Deps {
  db: Db;
  queues: Queues;
  files: Files;
  store: MediaStore;
  temp: string;
  diskSpace: DiskSpace;
  running: RunningDownloads;
  /** Why it is uncertain whether the person deleted the missing files of a kind; undefined if they did. */
  question: (kind: string) => Promise<string | undefined>;
  /** Whether every byte is checked against Telegram's hashes while downloading. */
  checksAll: () => boolean;
  names: () => NameRules;
}

const progressMs = 1000;

export const downloadMedia =
  (deps: Deps) =>
  async (ref: Payload<'download-media'>, context: JobContext): Promise<void> => {
    // Its chats were removed from config.json, or everything is linked: a job planned twice leaves no trace.
    if ((await stillWanted(deps.db, [ref])).length === 0) return;
    await workOn(deps.db, ref, context.signal, async (claimed, signal) => {
      const media = await askedAgain(deps.db, claimed);
      let received = false;
      const onBytes = () => {
        received = true;
      };
      try {
        if (media.state === 'saved') await linkLater(deps, media, context);
        else await fetchAndPlace(deps, media, { ...context, signal }, onBytes);
      } catch (error) {
        const isRefused = error instanceof FileReferenceError && !signal.aborted;
        const meaning = isRefused ? await whenRefused(deps, media, error, received) : error;
        if (meaning instanceof PutOffError) return await context.note(`Rescheduled: ${meaning.message}.`);
        throw await outcome(deps, media, meaning, context, signal);
      }
    });
  };

/** The planner does not retry failed media, so a person asked for this one: it gets a full set of attempts. */
async function askedAgain(db: Db, media: Media): Promise<Media> {
  if (media.state !== 'failed') return media;
  await resetFailed(db, media);
  return { ...media, state: 'owed', attempts: 0 };
}

/** For a message that arrived later: links it to the saved file, or deliberately not if the person deleted that. */
async function linkLater(deps: Deps, media: Media, context: JobContext): Promise<void> {
  const { db, store } = deps;
  const [fileName, sha256] = [media.fileName!, media.sha256 ?? ''];
  const file = { path: store.savedPath(media.kind, fileName), sha256, size: media.size };
  for (const one of await pendingLinks(db, media)) {
    if (!(await store.has(media.kind, fileName))) {
      await concludeDeleted(deps, media, one);
      continue;
    }
    const { made, refused } = await linkAll({ ...deps, log: context.log }, media, { ...file, fileName }, [one]);
    if (made.length > 0) await store.lowerDate(media.kind, fileName, one.date, () => firstDate(db, media));
    await recordLinks(db, media, made, 'linked');
    await recordRefusedLinks(db, media, refused);
    for (const it of refused) await context.note(`Link refused, to be retried later: ${it.reason}.`);
  }
  await store.sweep(heldBy(db, media));
}

async function concludeDeleted({ db, question }: Deps, media: Media, one: OwedLink): Promise<void> {
  const reason = await question(media.kind);
  if (reason !== undefined) return await recordRefusedLinks(db, media, [{ ...one, reason }]);
  await recordDeleted(db, [media]);
  await recordLinks(db, media, [one], 'absent');
}

async function fetchAndPlace(deps: Deps, media: Media, context: JobContext, onBytes: () => void): Promise<void> {
  const { db, store, temp } = deps;
  const [fileName, held] = [repoName(media), heldBy(db, media)];
  const size = fileSize(media.size);
  let stored: StoredFile = { sha256: media.sha256 ?? '', size: media.size };
  let proven = false;
  let path = await store.findWhole(held, fileName, media.size, media.sha256);
  if (!path) {
    const adopted = await adopt(deps, media, fileName, context);
    if (adopted) ({ path, stored } = adopted);
    if (adopted) proven = true;
  }
  if (!path) {
    const file = await PartFile.open(temp, held, size, partKey(media));
    let reservation: Reservation | undefined;
    try {
      reservation = await deps.diskSpace.admit(media, size - file.doneBytes, size);
      await download(deps, media, file, reservation, context, onBytes);
      stored = await file.fingerprint();
      proven = deps.checksAll();
      if (stored.size !== media.size) throw new Error(`the file has ${stored.size} bytes instead of ${media.size}`);
      if (!(await recordHash(db, media, stored.sha256))) throw new ClaimLostError();
      path = await store.takeIn(file, held, fileName);
    } catch (error) {
      // A file that already has its repo name is not resumed, unless it belongs to a worker that took the media over.
      if (error instanceof ReplacedError && !context.signal.aborted) await discardParts(temp, held);
      throw error;
    } finally {
      reservation?.end(); // not before it is in /media
      await file.close();
    }
  }
  context.signal.throwIfAborted();
  const links = await pendingLinks(db, media);
  // Rules that changed meanwhile left out every link. In the repo, a file without links would look like one that the person wants deleted.
  if (links.length === 0 && !(await store.has(media.kind, fileName))) {
    await store.sweep(held);
    await discardParts(temp, held);
    return await context.note('No chat wants the file any more; discarded.');
  }
  const source = await store.sourceOf(path, media.kind, fileName);
  const linking = { ...deps, log: context.log };
  // From here on, whoever claims it finds the file in .incoming and takes it over: none of our links can point to another one.
  await assertHeld(held);
  await store.date(source, await firstDate(db, media));
  let { made, refused } = await linkAll(linking, media, { ...stored, path: source, fileName }, links);
  // Without any link it would look like one that the person wants deleted.
  if (made.length === 0 && refused.length > 0) throw new Error(refused[0]!.reason);
  await assertHeld(held);
  if (await store.keep(path, source, held, fileName))
    ({ made, refused } = await linkAll(
      linking,
      media,
      { ...stored, path: store.savedPath(media.kind, fileName), fileName },
      links,
    ));
  // Including those of a run that was killed after the file was complete. Once it is recorded, no job returns to it.
  await discardParts(temp, held);
  if (!(await recordSaved(db, media, { fileName, ...stored }, made, refused, proven))) throw new ClaimLostError();
  await context.note(`Saved as ${fileName} (${stored.size} bytes) and linked ${made.length} times.`);
  context.log.debug({ kind: media.kind, id: media.id, bytes: stored.size, links: made.length }, 'saved');
}

/** A file in the repo that the database does not know: it need not be downloaded if it matches Telegram. */
async function adopt(
  deps: Deps,
  media: Media,
  fileName: string,
  context: JobContext,
): Promise<{ path: string; stored: StoredFile } | undefined> {
  const { db, store } = deps;
  const path = media.sha256 === null ? await store.findUnproven(media.kind, fileName, media.size) : undefined;
  if (!path) return undefined;
  const handle = await requirePlain(path);
  try {
    const isEqual = await isSameFile(deps, media, rangesOf(handle), context);
    if (!isEqual) return undefined;
    const stored = await fingerprintOf(handle);
    if (!(await recordHash(db, media, stored.sha256))) throw new ClaimLostError();
    await context.note('The file already exists and matches Telegram.');
    return { path, stored };
  } finally {
    await handle.close();
  }
}

/** A secret that someone with access only to /temp does not know: it authenticates the parts there. */
function partKey({ kind, id, accessHash }: Media): string {
  return `${kind}/${id}/${accessHash}`;
}

/** Fills the part file, following redirects to other data centres. */
async function download(
  deps: Deps,
  first: Media,
  file: PartFile,
  reserved: Reservation,
  context: JobContext,
  onPart: () => void,
): Promise<void> {
  const { files, running, diskSpace } = deps;
  const run = running.start(first, file.doneBytes);
  const reporting = setInterval(() => void context.progress(run.progress).catch(() => {}), progressMs);
  const onBytes = (bytes: number) => {
    onPart();
    reserved.wrote(bytes);
    run.add(bytes);
    running.received(bytes);
  };
  let whole = false;
  try {
    await detoured(deps, first, async (media) => {
      const options = { signal: context.signal, onBytes, beforePart: diskSpace.check };
      await downloadParts(files, media, file, options);
      const foreign = await file.dropForeign(context.signal);
      if (foreign > 0) {
        context.log.warn(
          { kind: media.kind, id: media.id, bytes: foreign },
          "parts in the temp folder are not tgsync's own; downloading again",
        );
        onBytes(-foreign);
        await downloadParts(files, media, file, options);
      }
      await file.finish();
    });
    whole = true;
  } finally {
    clearInterval(reporting);
    running.end(run, whole);
    if (!whole) await file.pause();
  }
  await context.progress(run.progress);
}

/** What a failure means for the media and the job. A shutdown and a flood wait are not failures. */
async function outcome(
  deps: Deps,
  media: Media,
  error: unknown,
  context: JobContext,
  signal: AbortSignal,
): Promise<unknown> {
  if (signal.aborted) return signal.reason instanceof RetryAfterError ? signal.reason : error;
  if (error instanceof RetryAfterError) return error;
  const wait = await deps.diskSpace.meaningOf(error);
  if (wait) return wait;
  if (error instanceof KeyNeededError) {
    await deps.queues.enqueue([{ name: 'grant-media-key', payload: { dcId: error.dcId, refused: error.refused } }]);
    return await deps.files.keyWait(error);
  }
  // A later owner has taken over the files on disk: whatever went wrong is no failure of the media.
  if (!(await renewClaim(deps.db, media))) return new ClaimLostError();
  const isServers = isOfPlace(error);
  const final = error instanceof PermanentError || media.attempts + 1 >= jobs['download-media'].attempts;
  await recordFailure(deps.db, media, diskTrouble(error) ?? (error as Error).message, final);
  // Others succeed there, so the file is at fault; a server that has trouble with it gets minutes.
  if (isServers && !final) return new RetryAfterError(60_000 * 2 ** media.attempts, (error as Error).message);
  if (!final || error instanceof PermanentError) return error;
  return new PermanentError((error as Error).message, { cause: error });
}
