/** disk-errors.ts: what disk errors mean, in plain words with a remedy. Pure. */

const meanings: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space or raise it',
  EROFS: 'the disk is read-only, perhaps because its file system is damaged: see the system log',
  EACCES: 'no permission to write: check owner and mode (PUID and PGID with docker compose)',
  EPERM: 'not permitted: check owner, mode and file system',
  ENAMETOOLONG: 'file name too long for this disk: choose a smaller media.max_name_bytes in config.json',
  EIO: 'disk error: check the system log and your backup',
  ESTALE: 'the network disk is gone: mount it again',
  ENOTCONN: 'the network disk is gone: mount it again',
  ENODEV: 'the disk is gone: mount it again',
  ENXIO: 'the disk is gone: mount it again',
};

/** Errors that can concern a single file: a folder owned by somebody else, a bad block. */
const ofOnePlace = new Set(['EACCES', 'EPERM', 'EIO', 'ENAMETOOLONG']);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** A disk error in plain words for a person; undefined if it is not a disk error. `place` replaces the path that was refused. */
export function diskTrouble(error: unknown, place?: string): string | undefined {
  const meaning = meanings[codeOf(error)];
  if (meaning === undefined) return undefined;
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const where = place ?? dest ?? path;
  return `${where === undefined ? '' : `${where}: `}${meaning} (${codeOf(error)})`;
}

/** Whether the error concerns the whole disk, even if a small probe succeeds, as with a quota or a moment later. */
export function isOfWholeDisk(error: unknown): boolean {
  return codeOf(error) in meanings && !ofOnePlace.has(codeOf(error));
}
