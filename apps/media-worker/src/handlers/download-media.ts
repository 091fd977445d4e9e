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
  renewClaim,
  resetFailed,
  type WantedMedia,
} from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import { type JobContext, jobs, type Payload, type Queues } from '@tgsync/shared/jobs';
import { heldBy } from '@tgsync/shared/media';
import {
  ClaimLostError,
  discardParts,
  diskTrouble,
  fileSize,
  fingerprintOf,
  type Held,
  type MediaStore,
  requirePlain,
  PartFile,
  rangesOf,
  ReplacedError,
  repoName,
  type Reservation,
  type DiskSpace,
  SmallFile,
} from '@tgsync/shared/store';
import { FileReferenceError, type Files, isOfPlace, KeyNeededError } from '@tgsync/shared/telegram';
import { type Outcome, workOn } from '../claim.js';
import { downloadParts } from '../download.js';
import { isSameFile } from './prove-media.js';
import { detoured } from '../detours.js';
import { linkAll } from '../links.js';
import type { NameRules } from '../naming.js';
import { placeFile, type WholeFile } from '../place-file.js';
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
  async (ref: Payload<'download-media'>, context: JobContext): Promise<string | void> =>
    // Its chats were removed from config.json, or everything is linked: a job planned twice leaves no trace.
    await workOn(deps.db, ref, context.signal, async (claimed, signal) => {
      const media = await askedAgain(deps.db, claimed.media);
      let received = false;
      const onBytes = () => {
        received = true;
      };
      try {
        if (media.state !== 'saved')
          return await fetchAndPlace(deps, { ...claimed, media }, { ...context, signal }, onBytes);
        await linkLater(deps, media, context);
        return {};
      } catch (error) {
        const isRefused = error instanceof FileReferenceError && !signal.aborted;
        const meaning = isRefused ? await whenRefused(deps, media, error, received) : error;
        if (meaning instanceof PutOffError) return { line: `Rescheduled: ${meaning.message}.` };
        throw await outcome(deps, media, meaning, context, signal);
      }
    });

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

async function fetchAndPlace(
  deps: Deps,
  claimed: WantedMedia,
  context: JobContext,
  onBytes: () => void,
): Promise<Outcome> {
  const { media } = claimed;
  const [fileName, held] = [repoName(media), heldBy(deps.db, media)];
  const isSmall = SmallFile.holds(fileSize(media.size));
  const isNew = isSmall && held.isFirst && (await deps.store.lacks(held, fileName));
  const found = isNew
    ? undefined
    : ((await findWhole(deps, media, held, fileName)) ?? (await adopt(deps, media, fileName, context)));
  const whole = found ?? (await (isSmall ? fetchSmall : fetchLarge)(deps, media, held, fileName, context, onBytes));
  return await placeFile(deps, claimed, held, { ...whole, isNew }, context);
}

/** A file that the last run left complete. */
async function findWhole({ store }: Deps, media: Media, held: Held, fileName: string): Promise<WholeFile | undefined> {
  const { size, sha256 } = media;
  const path = await store.findWhole(held, fileName, size, sha256);
  return path === undefined ? undefined : { path, fileName, stored: { sha256: sha256!, size }, proven: false };
}

/** A file of one part stays in memory until it is written into /media. */
async function fetchSmall(
  deps: Deps,
  media: Media,
  held: Held,
  fileName: string,
  context: JobContext,
  onBytes: () => void,
): Promise<WholeFile> {
  const { diskSpace, running, store, files } = deps;
  const file = new SmallFile(Number(media.size));
  const reservation = await diskSpace.admitSmall(media, Number(media.size));
  const run = running.start(media, 0);
  try {
    const received = (bytes: number) => {
      onBytes();
      run.add(bytes);
      running.received(bytes);
    };
    const options = { signal: context.signal, onBytes: received, beforePart: diskSpace.check };
    await detoured(deps, media, async (it) => await downloadParts(files, it, file, options));
    const path = await store.takeInBytes(file.bytes!, held, fileName);
    return { path, fileName, stored: SmallFile.fingerprint(file.bytes!), proven: deps.checksAll() };
  } finally {
    running.end(run, file.bytes !== undefined);
    reservation.end(); // not before it is in /media
  }
}

/** A file of several parts comes into /temp, and continues from what is there already. */
async function fetchLarge(
  deps: Deps,
  media: Media,
  held: Held,
  fileName: string,
  context: JobContext,
  onBytes: () => void,
): Promise<WholeFile> {
  const { db, store, temp } = deps;
  const size = Number(media.size);
  const file = await PartFile.open(temp, held, size, partKey(media));
  let reservation: Reservation | undefined;
  try {
    reservation = await deps.diskSpace.admit(media, size - file.doneBytes, size);
    await download(deps, media, file, reservation, context, onBytes);
    const stored = await file.fingerprint();
    if (stored.size !== media.size) throw new Error(`the file has ${stored.size} bytes instead of ${media.size}`);
    if (!(await recordHash(db, media, stored.sha256))) throw new ClaimLostError();
    return { path: await store.takeIn(file, held, fileName), fileName, stored, proven: deps.checksAll() };
  } catch (error) {
    // A file that already has its repo name is not resumed, unless it belongs to a worker that took the media over.
    if (error instanceof ReplacedError && !context.signal.aborted) await discardParts(temp, held);
    throw error;
  } finally {
    reservation?.end(); // not before it is in /media
    await file.close();
  }
}

/** A file in the repo that the database does not know: it need not be downloaded if it matches Telegram. */
async function adopt(deps: Deps, media: Media, fileName: string, context: JobContext): Promise<WholeFile | undefined> {
  const { store } = deps;
  const path = media.sha256 === null ? await store.findUnproven(media.kind, fileName, media.size) : undefined;
  if (!path) return undefined;
  const handle = await requirePlain(path);
  try {
    const isEqual = await isSameFile(deps, media, rangesOf(handle), context);
    if (!isEqual) return undefined;
    await context.note('The file already exists and matches Telegram.');
    return { path, fileName, stored: await fingerprintOf(handle), proven: true };
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
