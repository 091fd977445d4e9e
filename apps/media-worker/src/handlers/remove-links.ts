/**
 * remove-links.ts: removes from the disk the links of a media whose messages went from the archive, as they were deleted in Telegram, and the
 * file itself if that was asked for and no message holds it. Safe to repeat after any stop: a link is forgotten only once it is removed.
 */
import {
  type Db,
  forgetMedia,
  giveUpFile,
  type LinkToRemove,
  linksToRemove,
  type Media,
  postponeRemoval,
  recordRemoved,
} from '@tgsync/shared/db';
import type { JobContext, Payload } from '@tgsync/shared/jobs';
import { withClaim } from '@tgsync/shared/media';
import { isInRepo, type Removal, removeFromRepo, removeLink } from '@tgsync/shared/store';

interface Deps {
  db: Db;
  where: Removal;
}

export const removeLinks =
  ({ db, where }: Deps) =>
  async (ref: Payload<'remove-links'>, { log }: JobContext): Promise<void> => {
    // While another worker has the media, its links may be about to be made; the scheduler plans this again.
    await withClaim(db, ref, async (media, lost) => {
      const links = await linksToRemove(db, media);
      try {
        await removeAll(db, where, media, links, lost);
        log.info({ kind: media.kind, id: media.id, links: links.length }, 'links of deleted messages removed');
      } catch (error) {
        if (lost.aborted) return;
        await postponeRemoval(db, media);
        const reason = (error as Error).message;
        log.warn(
          { kind: media.kind, id: media.id, reason },
          'links of deleted messages cannot be removed; retrying later',
        );
      }
    });
  };

async function removeAll(db: Db, where: Removal, media: Media, links: readonly LinkToRemove[], lost: AbortSignal) {
  for (const { chatId, folder, name, isTaken } of links) {
    lost.throwIfAborted();
    if (name !== null && !isTaken) await removeLink(where, media, { chatId, folder, name });
  }
  const ids = links.map((it) => it.id);
  // A file that the person deleted is remembered, so that it is never downloaded again.
  const isDeleted = media.state === 'saved' && !(await isInRepo(where, media));
  if (links.some((it) => it.withFile) && !isDeleted && (await giveUpFile(db, media))) {
    lost.throwIfAborted();
    await removeFromRepo(where, media);
    await forgetMedia(db, media, ids);
  }
  await recordRemoved(db, ids);
}
