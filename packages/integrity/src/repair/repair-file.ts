/**
 * repair-file.ts: moves a wrong saved file aside; a chat's intact copy replaces it, or its media is owed again. It is recorded as
 * damaged before it is moved, so that a repair killed in between is not mistaken for a deletion by the person.
 */
import { dirname, join } from 'node:path';
import {
  type CheckedLink,
  makeOwedAgain,
  type Media,
  mediaNamed,
  recordDamaged,
  recordVerified,
} from '@tgsync/shared/db';
import {
  damagedFolder,
  damagedName,
  flushFolder,
  folderOf,
  incomingFolder,
  incomingName,
  type Link,
  linkTarget,
  putCopy,
  repoFolder,
  showInChat,
} from '@tgsync/shared/store';
import { hashFile, inspect } from '../disk/inspect.js';
import { linkTo, moveAside } from '../disk/repair.js';
import type { Archive } from '../verify/archive.js';
import type { Found } from '../verify/judge.js';
import { Links } from '../verify/links.js';
import { left, repaired, type Outcome } from './outcome.js';

export function repoPath({ media }: Archive, { kind, fileName }: Media): string {
  return join(media, repoFolder(kind), fileName ?? '');
}

/** Repairs a file; undefined if it is right. The caller holds the claim of the media. */
export async function repairFile(archive: Archive, media: Media, lost: AbortSignal): Promise<Outcome | undefined> {
  if (media.state !== 'saved' || !media.fileName || !media.sha256) return undefined;
  const wrong = await wrongFile(archive, media);
  if (!wrong) return undefined;
  const links = await sortLinks(archive, media, wrong.found, wrong.isOther);
  if (!links.intact && !links.isAwaited)
    return left('no wanted chat has a link to it, so it stays as it is; delete it if you do not need it');
  const how = links.intact
    ? `replaced by the intact copy ${links.intact}`
    : 'owed again; the running fleet downloads it';
  if (archive.dryRun) return repaired(`moved into ${damagedFolder}, ${how}`);
  lost.throwIfAborted();
  await recordDamaged(archive.db, media);
  // Links first: if this is killed after the file was moved, links with its wrong bytes would look like the person's own files.
  for (const { chatId, folder, linkName } of links.intact ? links.same : [])
    await show(archive, media, links.intact!, { chatId, folder, name: linkName! });
  const aside = wrong.isAside
    ? wrong.path
    : await moveAside(archive.media, wrong.path, damagedName(media.kind, media.fileName).name);
  lost.throwIfAborted();
  if (links.intact) {
    await restore(archive, media, links.intact);
    await recordVerified(archive.db, [media]);
  } else if (
    !(await makeOwedAgain(archive.db, media, { again: [...links.same, ...links.leading], deleted: links.deleted }))
  ) {
    lost.throwIfAborted();
  }
  return repaired(`moved to ${aside}, ${how}`);
}

/** Shows a file in a chat as set by media.link; with "none", existing links stay hard links. */
export async function show(archive: Archive, media: Media, source: string, link: Link): Promise<void> {
  const mode = archive.linkMode === 'none' ? 'hard' : archive.linkMode;
  const { kind, fileName, claim } = media;
  await showInChat(mode, { media: archive.media, source, kind, fileName: fileName!, claim }, link);
}

/** Restores a file of the repo from a chat's copy. */
async function restore(archive: Archive, media: Media, intact: string): Promise<void> {
  const path = repoPath(archive, media);
  if (archive.linkMode === 'hard') return await linkTo(intact, path);
  const aside = `${incomingName(media.kind, media.fileName!, media.claim)}.copy`;
  await putCopy(intact, path, join(archive.media, incomingFolder, aside));
  await flushFolder(dirname(path));
}

/** The wrong file, in the repo or already aside; undefined if it is right, or the person deleted it. */
async function wrongFile(archive: Archive, media: Media) {
  const path = repoPath(archive, media);
  const found = await inspect(path);
  const [row] = await mediaNamed(archive.db, [media]);
  const isOther = row !== undefined && row.differsAt !== null;
  if (found.type === 'file') {
    if (isOther) return { path, found, isAside: false, isOther };
    if (found.size !== media.size || (await hash(archive, path)) !== media.sha256)
      return { path, found, isAside: false, isOther };
    await recordVerified(archive.db, [media]);
    return undefined;
  }
  if (found.type !== 'nothing' || !row?.damagedAt) return undefined;
  const { name, before } = damagedName(media.kind, media.fileName!);
  for (const aside of [name, before].map((it) => join(archive.media, damagedFolder, it))) {
    const moved = await inspect(aside);
    if (moved.type === 'file') return { path: aside, found: moved, isAside: true, isOther };
  }
  return undefined;
}

interface SortedLinks {
  /** Hard links to the wrong file itself: they are made again. */
  same: CheckedLink[];
  /** Symbolic links to it. */
  leading: CheckedLink[];
  /** Links that the person deleted: they stay deleted. */
  deleted: CheckedLink[];
  /** A chat's file that is an intact copy. Any other file is the person's own, and left alone. */
  intact: string | undefined;
  isAwaited: boolean;
}

/** `isOther`: Telegram has a different file, so a file with the recorded hash is not an intact copy. */
async function sortLinks(archive: Archive, media: Media, wrong: Found, isOther: boolean): Promise<SortedLinks> {
  const sorted: SortedLinks = { same: [], leading: [], deleted: [], intact: undefined, isAwaited: false };
  for await (const link of new Links(archive.db, media.kind, [media.id]).of(media.id)) {
    sorted.isAwaited ||= link.link === 'pending' && link.wanted;
    if (link.link !== 'linked' || link.linkName === null) continue;
    const path = join(archive.media, folderOf(link), link.linkName);
    const found = await inspect(path, archive.media);
    if (found.type === 'nothing') sorted.deleted.push(link);
    if (isLinkTarget(media, found, folderOf(link))) {
      sorted.leading.push(link);
      sorted.isAwaited ||= link.wanted;
    }
    if (found.type !== 'file' || wrong.type !== 'file') continue;
    if (found.inode === wrong.inode) {
      sorted.same.push(link);
      sorted.isAwaited ||= link.wanted;
    } else if (
      !isOther &&
      !sorted.intact &&
      found.size === media.size &&
      (await hash(archive, path)) === media.sha256
    ) {
      sorted.intact = path;
    }
  }
  return sorted;
}

/** Whether it is the symbolic link that media.link "symlink" creates for a media in a folder within /media. */
export function isLinkTarget({ kind, fileName }: Media, found: Found, folder: string): boolean {
  return found.type === 'symlink' && found.target === linkTarget(kind, fileName ?? '', folder);
}

export async function hash({ signal }: Pick<Archive, 'signal'>, path: string): Promise<string> {
  return await hashFile(path, { signal, onBytes: () => {} });
}
