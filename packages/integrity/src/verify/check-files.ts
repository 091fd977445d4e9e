/**
 * check-files.ts: compares every media of the database, and every link to it, with what is on disk, a page of media at a time. A
 * missing file counts as deleted by the person only if the marker says that the folder belongs to this archive.
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
import {
  damagedFolder,
  damagedName,
  folderOf,
  holdsArchive,
  linkTarget,
  NotPlainError,
  repoFolder,
} from '@tgsync/shared/store';
import { inspect } from '../disk/inspect.js';
import type { DeepCheck } from './deep.js';
import type { Finding, Findings } from './finding.js';
import { described, type Found, judgeFile, judgeLink } from './judge.js';
import { Links } from './links.js';
import type { Archive } from './archive.js';

/** What was checked, whether wrong or not. */
export interface CheckCounts {
  chats: number;
  files: number;
  /** Files that the person deleted. */
  deleted: number;
  bytes: bigint;
  links: number;
}

const pageSize = 500;

export async function* checkFiles(archive: Archive, deep: DeepCheck, checked: CheckCounts): Findings {
  const gone = await goneFiles(archive.db, archive.media);
  for (const { kind, question } of gone)
    yield { kind: 'files-gone', path: join(archive.media, repoFolder(kind)), detail: question };
  const asked = new Set<string>(gone.map((it) => it.kind));
  for (const kind of ['photo', 'document'] as const) {
    let after: bigint | undefined;
    for (;;) {
      const page = await mediaToCheck(archive.db, kind, after, pageSize);
      const ids = page.map((it) => it.id);
      const links = new Links(archive.db, kind, ids);
      for (const media of page) {
        archive.signal.throwIfAborted();
        yield* checkMedia(archive, media, links.of(media.id), deep, checked, asked.has(kind));
      }
      after = ids.at(-1);
      if (page.length < pageSize) break;
    }
  }
}

async function* checkMedia(
  archive: Archive,
  media: CheckedMedia,
  links: AsyncIterable<CheckedLink>,
  deep: DeepCheck,
  checked: CheckCounts,
  isAsked: boolean,
): Findings {
  if (media.state !== 'saved') return yield* checkUnsaved(archive, media, links);
  const path = join(archive.media, repoFolder(media.kind), media.fileName ?? '');
  const repo = await inspect(path);
  if (repo.type === 'file') {
    checked.files++;
    checked.bytes += repo.size;
  }
  if (repo.type === 'nothing' && isAsked && media.deletedAt === null) return; // whether the person deleted them is asked once for all
  const finding = await checkFile(archive, media, { path, repo }, deep);
  if (finding) yield finding;
  if (finding?.kind === 'file-deleted') checked.deleted++;
  if (!archive.dryRun && finding?.kind === 'file-deleted' && media.deletedAt === null)
    await recordDeleted(archive.db, [media]);
  if (!archive.dryRun && repo.type === 'file' && media.deletedAt !== null) await recordReturned(archive.db, [media]);
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
    checked.links++;
    const folder = folderOf(link);
    const at = join(archive.media, folder, link.linkName);
    const found = await inspect(at, archive.media);
    const verdict = judgeLink(archive.linkMode, repo, found, {
      size: media.size,
      target: linkTarget(media.kind, media.fileName ?? '', folder),
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
  if (archive.linkMode === 'hard' && repo.type === 'file' && linked > 0 && kept === 0)
    yield { kind: 'file-orphaned', path, media: { kind: media.kind, id: media.id } };
  if (isRight && deep.wants(media)) await deep.noteRight(media);
}

/** A copy has its own bytes. */
function isCopy(repo: Found, found: Found): boolean {
  return repo.type === 'file' && found.type === 'file' && repo.inode !== found.inode;
}

async function checkFile(
  archive: Archive,
  media: CheckedMedia,
  { path, repo }: { path: string; repo: Found },
  deep: DeepCheck,
): Promise<Finding | undefined> {
  const base = { path, media: { kind: media.kind, id: media.id } };
  const isAside = media.damagedAt !== null && repo.type === 'nothing' && (await wasMovedAside(archive, media));
  const verdict = judgeFile(media, repo, isAside);
  if (verdict === 'right' && media.differsAt !== null) return { ...base, kind: 'file-differs' };
  if (verdict === 'right') return await checkBytes(media, base, deep);
  if (verdict === 'moved-aside') return { ...base, kind: 'file-moved-aside' };
  if (verdict === 'unreadable') return { ...base, kind: 'file-unreadable', detail: described(repo) };
  if (verdict === 'not-regular') return { ...base, kind: 'file-not-regular', detail: described(repo) };
  if (verdict === 'size')
    return { ...base, kind: 'file-size', detail: `${described(repo)} instead of ${media.size} bytes` };
  await assertMounted(archive);
  return { ...base, kind: 'file-deleted' };
}

async function wasMovedAside({ media }: Archive, { kind, fileName }: CheckedMedia): Promise<boolean> {
  const { name, before } = damagedName(kind, fileName ?? '');
  for (const it of [name, before]) if ((await inspect(join(media, damagedFolder, it))).type !== 'nothing') return true;
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

/** A media that is not saved must have no links, unless it was saved since it was read. */
async function* checkUnsaved({ db }: Archive, media: CheckedMedia, links: AsyncIterable<CheckedLink>): Findings {
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

async function assertMounted({ media, archiveId }: Archive): Promise<void> {
  if (await holdsArchive(media, archiveId)) return;
  throw new PersonError(`${media} disappeared while it was being checked. Is the disk mounted? Nothing was concluded.`);
}
