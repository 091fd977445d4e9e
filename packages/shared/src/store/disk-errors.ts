/** disk-errors.ts: what the disk's refusals mean, in words with a remedy. Pure. */

const words: Record<string, string> = {
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

/** Those that one file alone may meet: a folder of somebody else's, a bad block. */
const ofOnePlace = new Set(['EACCES', 'EPERM', 'EIO', 'ENAMETOOLONG']);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** A refusal of the disk as a person shall read it; undefined: it is none. `place` instead of the path that was refused. */
export function diskTrouble(error: unknown, place?: string): string | undefined {
  const meaning = words[codeOf(error)];
  if (meaning === undefined) return undefined;
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const where = place ?? dest ?? path;
  return `${where === undefined ? '' : `${where}: `}${meaning} (${codeOf(error)})`;
}

/** Whether it is the disk's own trouble, though a small probe may succeed: as with a quota, or a moment later. */
export function isOfWholeDisk(error: unknown): boolean {
  return codeOf(error) in words && !ofOnePlace.has(codeOf(error));
}
