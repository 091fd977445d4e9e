/**
 * deleted.ts: the person's word about saved files that are gone: they were deleted on purpose, or shall be downloaded again. Without
 * the marker of the media folder nothing is concluded.
 */
import { join } from 'node:path';
import {
  type CheckedLink,
  type CheckedMedia,
  makeOwedAgain,
  makePending,
  mediaToCheck,
  recordDeleted,
  retryRefusedLinks,
  wantedChatRows,
} from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { withClaim } from '@tgsync/shared/media';
import { holdsArchive, repoFolder } from '@tgsync/shared/store';
import { lookAt } from '../disk/look.js';
import { Links } from '../verify/links.js';
import type { Place } from '../verify/place.js';

interface Answered {
  files: number;
  /** Workers had them just then. */
  skipped: number;
}

const pageSize = 500;

/** Notes that every saved file that is not there was deleted by the person. */
export async function acceptDeleted(place: Place): Promise<Answered> {
  let files = 0;
  for await (const page of pagesOfSaved(place)) {
    const gone: CheckedMedia[] = [];
    for (const media of page) if (media.deletedAt === null && (await isGone(place, media))) gone.push(media);
    files += place.dryRun ? gone.length : await recordDeleted(place.db, gone);
  }
  if (!place.dryRun) await retryRefusedLinks(place.db);
  return { files, skipped: 0 };
}

/** Makes files that are not there owed again, for all wanted chats or for some of them. */
export async function restoreDeleted(place: Place, words: readonly string[]): Promise<Answered> {
  const chats = await chatsOf(place, words);
  const answered: Answered = { files: 0, skipped: 0 };
  for await (const page of pagesOfSaved(place)) {
    const [first] = page;
    const links = new Links(
      place.db,
      first!.kind,
      page.map((it) => it.id),
    );
    for (const media of page) {
      const all: CheckedLink[] = [];
      for await (const link of links.of(media.id)) all.push(link);
      const outcome = await restore(place, media, all, chats);
      if (outcome === 'restored') answered.files++;
      if (outcome === 'skipped') answered.skipped++;
    }
  }
  return answered;
}

async function restore(
  place: Place,
  media: CheckedMedia,
  links: readonly CheckedLink[],
  chats: ReadonlySet<bigint>,
): Promise<'restored' | 'skipped' | 'nothing'> {
  const { db, dryRun } = place;
  const mine = links.filter((it) => chats.has(it.chatId) && it.link !== 'pending');
  const absent = mine.filter((it) => it.link === 'absent');
  if (!(await isGone(place, media))) {
    if (absent.length === 0) return 'nothing';
    if (!dryRun)
      await makePending(
        db,
        absent.map((it) => ({ ...it, kind: media.kind, id: media.id })),
      );
    return 'restored';
  }
  if (mine.length === 0) return 'nothing';
  if (dryRun) return 'restored';
  const owed = await withClaim(db, media, async (claimed) => {
    const deleted = links.filter((it) => it.link === 'linked' && !chats.has(it.chatId));
    return await makeOwedAgain(db, claimed, { again: mine, deleted });
  });
  return owed ? 'restored' : 'skipped';
}

async function chatsOf({ db }: Place, words: readonly string[]): Promise<Set<bigint>> {
  const wanted = new Set((await wantedChatRows(db)).map((it) => it.id));
  if (words.length === 0) return wanted;
  return new Set(
    words.map((word) => {
      const id = /^-?\d{1,19}$/.test(word) ? BigInt(word) : undefined;
      if (id === undefined || !wanted.has(id))
        throw new PersonError(`${word} is no chat of tg.chats in config.json: nothing was changed.`);
      return id;
    }),
  );
}

async function* pagesOfSaved({ db, media, archiveId, signal }: Place): AsyncGenerator<CheckedMedia[]> {
  for (const kind of ['photo', 'document'] as const) {
    let after: bigint | undefined;
    for (let size = pageSize; size === pageSize;) {
      signal.throwIfAborted();
      if (!(await holdsArchive(media, archiveId)))
        throw new PersonError(`${media} is not there (no marker file): is the disk mounted? Nothing was concluded.`);
      const page = await mediaToCheck(db, kind, after, pageSize);
      size = page.length;
      after = page.at(-1)?.id;
      const saved = page.filter((it) => it.state === 'saved');
      if (saved.length > 0) yield saved;
    }
  }
}

async function isGone({ media }: Place, { kind, fileName }: CheckedMedia): Promise<boolean> {
  return (await lookAt(join(media, repoFolder(kind), fileName ?? ''))).type === 'nothing';
}
