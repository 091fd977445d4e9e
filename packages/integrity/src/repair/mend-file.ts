/**
 * mend-file.ts: a saved file that is wrong is moved aside; a chat's own intact copy takes its place, or its media is owed again.
 * It is noted as damaged before it is moved: a repair that is killed in between is not taken for a person's deletion.
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
  incomingFolder,
  incomingName,
  type Link,
  linkTarget,
  putCopy,
  repoFolder,
  showInChat,
} from '@tgsync/shared/store';
import { hashFile, lookAt } from '../disk/look.js';
import { linkTo, moveAside } from '../disk/mend.js';
import type { Place } from '../verify/place.js';
import type { Found } from '../verify/judge.js';
import { Links } from '../verify/links.js';
import { left, mended, type Outcome } from './outcome.js';

export type Mending = Place;

export function repoPath({ media }: Place, { kind, fileName }: Media): string {
  return join(media, repoFolder(kind), fileName ?? '');
}

/** Undefined: the file is right. The claim of the media is held. */
export async function mendFile(mending: Mending, media: Media, lost: AbortSignal): Promise<Outcome | undefined> {
  if (media.state !== 'saved' || !media.fileName || !media.sha256) return undefined;
  const wrong = await wrongFile(mending, media);
  if (!wrong) return undefined;
  const links = await sortLinks(mending, media, wrong.found, wrong.isOther);
  if (!links.intact && !links.isAwaited)
    return left('no link in a wanted chat is left of it, so it stays as it is; delete it if you do not need it');
  const how = links.intact ? `replaced by the intact copy ${links.intact}` : 'owed again: the fleet brings it';
  if (mending.dryRun) return mended(`moved into ${damagedFolder}, ${how}`);
  lost.throwIfAborted();
  await recordDamaged(mending.db, media);
  // Links first: killed after the file was moved, their wrong bytes would look like a person's own.
  for (const { chatId, linkName } of links.intact ? links.same : [])
    await show(mending, media, links.intact!, { chatId, name: linkName! });
  const aside = wrong.isAside
    ? wrong.path
    : await moveAside(mending.media, wrong.path, damagedName(media.kind, media.fileName).name);
  lost.throwIfAborted();
  if (links.intact) {
    await restore(mending, media, links.intact);
    await recordVerified(mending.db, [media]);
  } else if (
    !(await makeOwedAgain(mending.db, media, { again: [...links.same, ...links.leading], deleted: links.deleted }))
  ) {
    lost.throwIfAborted();
  }
  return mended(`moved to ${aside}, ${how}`);
}

/** Shows a file in a chat as media.link says; where that asks for no links, those that are there stay hard links. */
export async function show(mending: Mending, media: Media, source: string, link: Link): Promise<void> {
  const mode = mending.linkMode === 'none' ? 'hard' : mending.linkMode;
  const { kind, fileName, claim } = media;
  await showInChat(mode, { media: mending.media, source, kind, fileName: fileName!, claim }, link);
}

/** Gives the repo a file that a chat still has. */
async function restore(mending: Mending, media: Media, intact: string): Promise<void> {
  const path = repoPath(mending, media);
  if (mending.linkMode === 'hard') return await linkTo(intact, path);
  const aside = `${incomingName(media.kind, media.fileName!, media.claim)}.copy`;
  await putCopy(intact, path, join(mending.media, incomingFolder, aside));
  await flushFolder(dirname(path));
}

/** The wrong file, in the repo or already aside; undefined: it is right, or the person deleted it. */
async function wrongFile(mending: Mending, media: Media) {
  const path = repoPath(mending, media);
  const found = await lookAt(path);
  const [row] = await mediaNamed(mending.db, [media]);
  const isOther = row !== undefined && row.differsAt !== null;
  if (found.type === 'file') {
    if (isOther) return { path, found, isAside: false, isOther };
    if (found.size !== media.size || (await hash(mending, path)) !== media.sha256)
      return { path, found, isAside: false, isOther };
    await recordVerified(mending.db, [media]);
    return undefined;
  }
  if (found.type !== 'nothing' || !row?.damagedAt) return undefined;
  const { name, before } = damagedName(media.kind, media.fileName!);
  for (const aside of [name, before].map((it) => join(mending.media, damagedFolder, it))) {
    const moved = await lookAt(aside);
    if (moved.type === 'file') return { path: aside, found: moved, isAside: true, isOther };
  }
  return undefined;
}

interface SortedLinks {
  /** Hard links to the wrong file itself: they are made again. */
  same: CheckedLink[];
  /** Symbolic links to it. */
  leading: CheckedLink[];
  /** Links that the person deleted: they stay so. */
  deleted: CheckedLink[];
  /** A chat's file that is a right copy. Any other file is the person's own, and left alone. */
  intact: string | undefined;
  isAwaited: boolean;
}

/** `isOther`: Telegram has another file, so that what equals the recorded hash is no right copy. */
async function sortLinks(mending: Mending, media: Media, wrong: Found, isOther: boolean): Promise<SortedLinks> {
  const sorted: SortedLinks = { same: [], leading: [], deleted: [], intact: undefined, isAwaited: false };
  for await (const link of new Links(mending.db, media.kind, [media.id]).of(media.id)) {
    sorted.isAwaited ||= link.link === 'pending' && link.wanted;
    if (link.link !== 'linked' || link.linkName === null) continue;
    const path = join(mending.media, link.chatId.toString(), link.linkName);
    const found = await lookAt(path);
    if (found.type === 'nothing') sorted.deleted.push(link);
    if (isLinkTarget(media, found)) {
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
      (await hash(mending, path)) === media.sha256
    ) {
      sorted.intact = path;
    }
  }
  return sorted;
}

/** Whether it is the symbolic link that media.link "symlink" makes of a media. */
export function isLinkTarget({ kind, fileName }: Media, found: Found): boolean {
  return found.type === 'symlink' && found.target === linkTarget(kind, fileName ?? '');
}

export async function hash({ signal }: Pick<Mending, 'signal'>, path: string): Promise<string> {
  return await hashFile(path, { signal, onBytes: () => {} });
}
