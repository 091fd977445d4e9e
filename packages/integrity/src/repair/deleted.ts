/**
 * deleted.ts: applies the person's answer about missing saved files: they were deleted on purpose, or are to be downloaded again.
 * Nothing is concluded without the marker of the media folder.
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
import { inspect } from '../disk/inspect.js';
import { Links } from '../verify/links.js';
import type { Archive } from '../verify/archive.js';

interface Answered {
  files: number;
  /** Workers were using these. */
  skipped: number;
}

const pageSize = 500;

/** Records that every missing saved file was deleted by the person. */
export async function acceptDeleted(archive: Archive): Promise<Answered> {
  let files = 0;
  for await (const page of pagesOfSaved(archive)) {
    const gone: CheckedMedia[] = [];
    for (const media of page) if (media.deletedAt === null && (await isGone(archive, media))) gone.push(media);
    files += archive.dryRun ? gone.length : await recordDeleted(archive.db, gone);
  }
  if (!archive.dryRun) await retryRefusedLinks(archive.db);
  return { files, skipped: 0 };
}

/** Marks missing files as owed again, for all wanted chats or for some of them. */
export async function restoreDeleted(archive: Archive, chatIds: readonly string[]): Promise<Answered> {
  const chats = await chatsOf(archive, chatIds);
  const answered: Answered = { files: 0, skipped: 0 };
  for await (const page of pagesOfSaved(archive)) {
    const [first] = page;
    const links = new Links(
      archive.db,
      first!.kind,
      page.map((it) => it.id),
    );
    for (const media of page) {
      const all: CheckedLink[] = [];
      for await (const link of links.of(media.id)) all.push(link);
      const outcome = await restore(archive, media, all, chats);
      if (outcome === 'restored') answered.files++;
      if (outcome === 'skipped') answered.skipped++;
    }
  }
  return answered;
}

async function restore(
  archive: Archive,
  media: CheckedMedia,
  links: readonly CheckedLink[],
  chats: ReadonlySet<bigint>,
): Promise<'restored' | 'skipped' | 'nothing'> {
  const { db, dryRun } = archive;
  const mine = links.filter((it) => chats.has(it.chatId) && it.link !== 'pending');
  const absent = mine.filter((it) => it.link === 'absent');
  if (!(await isGone(archive, media))) {
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

async function chatsOf({ db }: Archive, chatIds: readonly string[]): Promise<Set<bigint>> {
  const wanted = new Set((await wantedChatRows(db)).map((it) => it.id));
  if (chatIds.length === 0) return wanted;
  return new Set(
    chatIds.map((chatId) => {
      const id = /^-?\d{1,19}$/.test(chatId) ? BigInt(chatId) : undefined;
      if (id === undefined || !wanted.has(id))
        throw new PersonError(`${chatId} is not a chat in tg.chats in config.json. Nothing was changed.`);
      return id;
    }),
  );
}

async function* pagesOfSaved({ db, media, archiveId, signal }: Archive): AsyncGenerator<CheckedMedia[]> {
  for (const kind of ['photo', 'document'] as const) {
    let after: bigint | undefined;
    for (let size = pageSize; size === pageSize;) {
      signal.throwIfAborted();
      if (!(await holdsArchive(media, archiveId)))
        throw new PersonError(`${media} has no marker file. Is the disk mounted? Nothing was concluded.`);
      const page = await mediaToCheck(db, kind, after, pageSize);
      size = page.length;
      after = page.at(-1)?.id;
      const saved = page.filter((it) => it.state === 'saved');
      if (saved.length > 0) yield saved;
    }
  }
}

async function isGone({ media }: Archive, { kind, fileName }: CheckedMedia): Promise<boolean> {
  return (await inspect(join(media, repoFolder(kind), fileName ?? ''))).type === 'nothing';
}
