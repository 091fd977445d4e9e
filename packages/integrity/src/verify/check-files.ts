/**
 * check-files.ts: every media of the database, and every link of it, against what is on disk. A page of media at a time.
 * What is not there counts as deleted by the person only while the marker says that the folder is this archive's.
 */
import { join } from 'node:path';
import {
  type CheckedLink,
  type CheckedMedia,
  mediaNamed,
  mediaToCheck,
  recordDeleted,
  recordReturned,
} from '@tgsync/shared/db';
import { PersonError } from '@tgsync/shared/errors';
import { goneFiles } from '@tgsync/shared/media';
import { damagedFolder, damagedName, holdsArchive, linkTarget, NotPlainError, repoFolder } from '@tgsync/shared/store';
import { lookAt } from '../disk/look.js';
import type { DeepCheck } from './deep.js';
import type { Finding, Findings } from './finding.js';
import { described, type Found, judgeFile, judgeLink } from './judge.js';
import { Links } from './links.js';
import type { Place } from './place.js';

/** What was looked at, found wrong or not. */
export interface Looked {
  chats: number;
  files: number;
  /** Files that the person deleted. */
  deleted: number;
  bytes: bigint;
  links: number;
}

const pageSize = 500;

export async function* checkFiles(place: Place, deep: DeepCheck, looked: Looked): Findings {
  const gone = await goneFiles(place.db, place.media);
  for (const { kind, question } of gone)
    yield { kind: 'files-gone', path: join(place.media, repoFolder(kind)), detail: question };
  const asked = new Set<string>(gone.map((it) => it.kind));
  for (const kind of ['photo', 'document'] as const) {
    let after: bigint | undefined;
    for (;;) {
      const page = await mediaToCheck(place.db, kind, after, pageSize);
      const ids = page.map((it) => it.id);
      const links = new Links(place.db, kind, ids);
      for (const media of page) {
        place.signal.throwIfAborted();
        yield* checkMedia(place, media, links.of(media.id), deep, looked, asked.has(kind));
      }
      after = ids.at(-1);
      if (page.length < pageSize) break;
    }
  }
}

async function* checkMedia(
  place: Place,
  media: CheckedMedia,
  links: AsyncIterable<CheckedLink>,
  deep: DeepCheck,
  looked: Looked,
  isAsked: boolean,
): Findings {
  if (media.state !== 'saved') return yield* checkUnsaved(place, media, links);
  const path = join(place.media, repoFolder(media.kind), media.fileName ?? '');
  const repo = await lookAt(path);
  if (repo.type === 'file') {
    looked.files++;
    looked.bytes += repo.size;
  }
  if (repo.type === 'nothing' && isAsked && media.deletedAt === null) return; // whether that was the person is asked once for all
  const finding = await checkFile(place, media, { path, repo }, deep);
  if (finding) yield finding;
  if (finding?.kind === 'file-deleted') looked.deleted++;
  if (!place.dryRun && finding?.kind === 'file-deleted' && media.deletedAt === null)
    await recordDeleted(place.db, [media]);
  if (!place.dryRun && repo.type === 'file' && media.deletedAt !== null) await recordReturned(place.db, [media]);
  let isRight = finding === undefined;
  let linked = 0;
  let kept = 0;
  for await (const link of links) {
    const { chatId, messageId } = link;
    const base = { media: { kind: media.kind, id: media.id }, chatId, messageId };
    if (link.link === 'pending' && link.wanted)
      yield { ...base, kind: 'link-owed', ...(link.reason ? { detail: link.reason } : {}) };
    if (link.link !== 'linked') continue;
    if (link.linkName === null) {
      yield { ...base, kind: 'link-state', detail: `a link of message ${messageId} has no name` };
      continue;
    }
    linked++;
    looked.links++;
    const at = join(place.media, chatId.toString(), link.linkName);
    const found = await lookAt(at);
    const verdict = judgeLink(place.linkMode, repo, found, {
      size: media.size,
      target: linkTarget(media.kind, media.fileName ?? ''),
      copied: link.copied,
    });
    if (verdict === 'right') {
      kept++;
      const wrong = isCopy(repo, found) ? await checkBytes(media, { ...base, path: at }, deep) : undefined;
      if (wrong) yield wrong.kind === 'file-bytes' ? { ...wrong, kind: 'link-other-file' } : wrong;
      isRight &&= wrong === undefined;
    } else if (verdict === 'other-file') yield { ...base, kind: 'link-other-file', path: at, detail: described(found) };
    else if (verdict === 'unreadable') {
      if (found.type === 'unreadable') yield { ...base, kind: 'file-unreadable', path: at, detail: found.problem };
    } else yield { ...base, kind: verdict === 'deleted' ? 'link-deleted' : 'link-beside-deleted', path: at };
  }
  if (place.linkMode === 'hard' && repo.type === 'file' && linked > 0 && kept === 0)
    yield { kind: 'file-orphaned', path, media: { kind: media.kind, id: media.id } };
  if (isRight && deep.wants(media)) await deep.noteRight(media);
}

/** A copy has bytes of its own. */
function isCopy(repo: Found, found: Found): boolean {
  return repo.type === 'file' && found.type === 'file' && repo.inode !== found.inode;
}

async function checkFile(
  place: Place,
  media: CheckedMedia,
  { path, repo }: { path: string; repo: Found },
  deep: DeepCheck,
): Promise<Finding | undefined> {
  const base = { path, media: { kind: media.kind, id: media.id } };
  const isAside = media.damagedAt !== null && repo.type === 'nothing' && (await wasMovedAside(place, media));
  const verdict = judgeFile(media, repo, isAside);
  if (verdict === 'right' && media.differsAt !== null) return { ...base, kind: 'file-differs' };
  if (verdict === 'right') return await checkBytes(media, base, deep);
  if (verdict === 'moved-aside') return { ...base, kind: 'file-moved-aside' };
  if (verdict === 'unreadable') return { ...base, kind: 'file-unreadable', detail: described(repo) };
  if (verdict === 'not-regular') return { ...base, kind: 'file-not-regular', detail: described(repo) };
  if (verdict === 'size')
    return { ...base, kind: 'file-size', detail: `${described(repo)} instead of ${media.size} bytes` };
  await assertMounted(place);
  return { ...base, kind: 'file-deleted' };
}

async function wasMovedAside({ media }: Place, { kind, fileName }: CheckedMedia): Promise<boolean> {
  const { name, before } = damagedName(kind, fileName ?? '');
  for (const it of [name, before]) if ((await lookAt(join(media, damagedFolder, it))).type !== 'nothing') return true;
  return false;
}

async function checkBytes(
  media: CheckedMedia,
  base: Omit<Finding, 'kind'> & { path: string },
  deep: DeepCheck,
): Promise<Finding | undefined> {
  if (!deep.wants(media)) return undefined;
  if (media.sha256 === null) return { ...base, kind: 'file-unproven' };
  try {
    const sha256 = await deep.differs(media, base.path, base.chatId !== undefined);
    return sha256 ? { ...base, kind: 'file-bytes', detail: `SHA-256 ${sha256} instead of ${media.sha256}` } : undefined;
  } catch (error) {
    const isOfDisk = error instanceof NotPlainError || (error as NodeJS.ErrnoException).syscall !== undefined;
    if (!isOfDisk) throw error;
    return { ...base, kind: 'file-unreadable', detail: (error as Error).message };
  }
}

/** A media that is not saved: awaited or not, and no link of it can be there, unless it was saved since it was read. */
async function* checkUnsaved({ db }: Place, media: CheckedMedia, links: AsyncIterable<CheckedLink>): Findings {
  const ref = { kind: media.kind, id: media.id };
  let awaited: bigint | undefined;
  for await (const { link, wanted, chatId, messageId } of links) {
    if (link === 'pending' && wanted) awaited ??= chatId;
    if (link !== 'linked') continue;
    const [now] = await mediaNamed(db, [ref]);
    if (now?.state === 'saved') return;
    const detail = `message ${messageId} has a link of ${media.kind} ${media.id}, which is ${media.state}`;
    yield { kind: 'link-state', media: ref, chatId, messageId, detail };
  }
  if (awaited === undefined || media.state === 'saved') return;
  const reason = media.reason ? { detail: media.reason } : {};
  yield { kind: `media-${media.state}`, media: ref, chatId: awaited, ...reason };
}

async function assertMounted({ media, archiveId }: Place): Promise<void> {
  if (await holdsArchive(media, archiveId)) return;
  throw new PersonError(`${media} went away while it was checked: is the disk mounted? Nothing was concluded.`);
}
