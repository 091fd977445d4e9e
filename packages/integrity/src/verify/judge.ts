/**
 * judge.ts: does the disk match the database? Pure: takes what was found and returns a verdict. A missing name was deleted by the
 * person and is never damage; another file by that name is.
 */
import { basename } from 'node:path';
import type { LinkMode } from '@tgsync/shared/config';
import type { CheckedMedia } from '@tgsync/shared/db';
import { isWholeInIncoming } from '@tgsync/shared/store';

/** What is at a path. Symbolic links are never followed. */
export type Found =
  | { type: 'nothing' }
  | { type: 'file'; size: bigint; inode: string }
  | { type: 'symlink'; target: string }
  | { type: 'other' }
  /** The disk or its permissions do not allow a look, which says nothing about what is there. */
  | { type: 'unreadable'; problem: string };

export type FileVerdict = 'right' | 'deleted' | 'moved-aside' | 'size' | 'not-regular' | 'unreadable';

/** `isAside`: a repair has moved a file of this name aside. */
export function judgeFile(
  media: Pick<CheckedMedia, 'size' | 'damagedAt'>,
  found: Found,
  isAside: boolean,
): FileVerdict {
  if (found.type === 'nothing') return media.damagedAt && isAside ? 'moved-aside' : 'deleted';
  if (found.type === 'unreadable') return 'unreadable';
  if (found.type !== 'file') return 'not-regular';
  return found.size === media.size ? 'right' : 'size';
}

export type LinkVerdict = 'unreadable' | 'right' | 'deleted' | 'beside-deleted' | 'other-file';

/**
 * `target`: what a symbolic link into the repo must point to. `copied`: the disk refused the link, so a copy is right. Hard links made
 * in an earlier mode are right in every mode; if links are no longer wanted, so is everything that earlier modes left.
 */
export function judgeLink(
  mode: LinkMode,
  repo: Found,
  link: Found,
  { size, target, copied }: { size: bigint; target: string; copied: boolean },
): LinkVerdict {
  if (link.type === 'unreadable' || repo.type === 'unreadable') return 'unreadable';
  if (link.type === 'nothing') return mode === 'none' ? 'right' : 'deleted';
  if (repo.type === 'nothing') return 'beside-deleted';
  if (link.type === 'file' && repo.type === 'file' && link.inode === repo.inode) return 'right';
  if ((mode === 'copy' || mode === 'none' || copied) && link.type === 'file' && link.size === size) return 'right';
  if ((mode === 'symlink' || mode === 'none') && link.type === 'symlink' && link.target === target) return 'right';
  return 'other-file';
}

/** Describes what was found, for a person. */
export function described(found: Found): string {
  if (found.type === 'nothing') return 'nothing is there';
  if (found.type === 'file') return `a file of ${found.size} bytes`;
  if (found.type === 'unreadable') return found.problem;
  return found.type === 'symlink' ? `a symbolic link to ${found.target}` : 'a folder or a device';
}

type Worked = Pick<CheckedMedia, 'state' | 'isClaimed'>;

/** Parts of a download that nobody will continue. */
export function isLeftoverInTemp(media: Worked | undefined): boolean {
  if (!media) return true;
  return !media.isClaimed && (media.state === 'saved' || media.state === 'gone');
}

/** A file in .incoming that nobody is working on; the media worker takes over a complete file of an owed media. */
export function isLeftoverInIncoming(
  media: (Worked & { size: bigint }) | undefined,
  name: string,
  found: Found,
): boolean {
  if (!media) return true;
  if (media.isClaimed) return false;
  if (media.state === 'saved' || media.state === 'gone') return true;
  return !isWholeInIncoming(basename(name)) || found.type !== 'file' || found.size !== media.size;
}
