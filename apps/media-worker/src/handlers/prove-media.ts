/**
 * prove-media.ts: checks a saved file against Telegram's hashes. Nothing else reveals a byte that was corrupted during the download, or
 * before its own hash was recorded. It changes nothing on disk: `tgsync verify` reports it, and `tgsync repair` fixes it.
 */
import { findMedia, type Media, recordProof } from '@tgsync/shared/db';
import { PermanentError, RetryAfterError } from '@tgsync/shared/errors';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { type MediaStore, openPlain, rangesOf } from '@tgsync/shared/store';
import { FileReferenceError, KeyNeededError } from '@tgsync/shared/telegram';
import { type DetourDeps, detoured } from '../detours.js';
import { PutOffError, WaitsForChatError, whenRefused } from '../refused-reference.js';

interface Deps extends DetourDeps {
  store: MediaStore;
}

export const proveMedia =
  (deps: Deps) =>
  async (ref: Payload<'prove-media'>, context: JobContext): Promise<void> => {
    const { db, store } = deps;
    const media = await findMedia(db, ref);
    if (media?.state !== 'saved' || !media.fileName) return;
    const isThere = await store.has(media.kind, media.fileName);
    const handle = isThere ? await openPlain(store.savedPath(media.kind, media.fileName), 'r') : undefined;
    if (!handle) return await recordProof(db, media, false); // deleted: handled elsewhere, and the next file gets its turn
    try {
      const isEqual = await isSameFile(deps, media, rangesOf(handle), context);
      await recordProof(db, media, isEqual === false);
      if (isEqual === false) {
        const path = store.savedPath(media.kind, media.fileName);
        context.log.error({ path }, 'saved file does not match Telegram; `tgsync repair` downloads it again');
      }
      await context.note(textOf(isEqual));
    } catch (caught) {
      const error = caught instanceof FileReferenceError ? await whenRefused(deps, media, caught) : caught;
      if (error instanceof KeyNeededError) {
        await deps.queues.enqueue([{ name: 'grant-media-key', payload: { dcId: error.dcId, refused: error.refused } }]);
        throw await deps.files.keyWait(error);
      }
      if (error instanceof RetryAfterError || context.signal.aborted) throw error;
      // It is checked in its turn once it has a new reference.
      if (error instanceof PutOffError && !(error instanceof WaitsForChatError))
        return await context.note(`Rescheduled: ${error.message}.`);
      const isOver = error instanceof PermanentError || error instanceof WaitsForChatError || context.lastAttempt;
      if (!isOver) throw error;
      await recordProof(db, media, false);
      await context.note(`Cannot be checked: ${(error as Error).message}.`);
    } finally {
      await handle.close();
    }
  };

function textOf(isEqual: boolean | undefined): string {
  if (isEqual === undefined) return 'Telegram provides no hashes for it.';
  return isEqual ? 'The file matches Telegram.' : 'The file does not match Telegram.';
}

/** undefined: Telegram provides no hashes. */
export async function isSameFile(
  deps: DetourDeps,
  media: Media,
  read: ReturnType<typeof rangesOf>,
  context: JobContext,
): Promise<boolean | undefined> {
  return await detoured(deps, media, (it) => deps.files.file(it, context.signal).isEqual(read));
}
