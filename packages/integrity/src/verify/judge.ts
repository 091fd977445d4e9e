/**
 * judge.ts: is what is on disk what the database says? Pure: what was found comes in, a verdict goes out.
 * A name that is not there is a person's deletion, never damage; another file in its place is.
 */
import { basename } from 'node:path';
import type { LinkMode } from '@tgsync/shared/config';
import type { CheckedMedia } from '@tgsync/shared/db';
import { isWholeInIncoming } from '@tgsync/shared/store';

/** What stands at a path. Symbolic links are never followed. */
export type Found =
  | { type: 'nothing' }
  | { type: 'file'; size: bigint; inode: string }
  | { type: 'symlink'; target: string }
  | { type: 'other' }
  /** The disk or its permissions do not let it be seen: that says nothing about what is there. */
  | { type: 'unreadable'; problem: string };

export type FileVerdict = 'right' | 'deleted' | 'moved-aside' | 'size' | 'not-regular' | 'unreadable';

/** `isAside`: a repair has put a file of this name aside. */
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
 * `target` is what a symbolic link into the repo must say; `copied`: the disk refused the link, so a copy is right. What an earlier mode hard-linked is right in every mode; where no
 * links are asked for any more, so is all that it left.
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

/** What was found, for a person. */
export function described(found: Found): string {
  if (found.type === 'nothing') return 'nothing is there';
  if (found.type === 'file') return `a file of ${found.size} bytes`;
  if (found.type === 'unreadable') return found.problem;
  return found.type === 'symlink' ? `a symbolic link to ${found.target}` : 'a folder or a device';
}

type Worked = Pick<CheckedMedia, 'state' | 'isClaimed'>;

/** Parts of a download that nobody will go on with. */
export function isLeftoverInTemp(media: Worked | undefined): boolean {
  if (!media) return true;
  return !media.isClaimed && (media.state === 'saved' || media.state === 'gone');
}

/** A file on its way that nobody works on; a whole file of an owed media is taken up by the media worker. */
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
