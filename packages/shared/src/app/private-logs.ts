/**
 * private-logs.ts: restricts logs that an earlier version, or another umask, left readable by everybody, as the mode given when opening
 * a file only applies when it is created. Never widens a mode, and touches only our own logs, as log.dir may be /var/log.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

const isLog = (name: string) => /^(scheduler|fetch-worker|media-worker)\b.*\.log$/.test(name);

/** The folder itself is restricted only if it contains nothing but our logs. Files whose mode cannot be changed stay as they are. */
export function keepLogsPrivate(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) if (isLog(name)) narrow(join(folder, name), O_NOFOLLOW | O_NONBLOCK, 0o640);
  if (names.length > 0 && names.every(isLog)) narrow(folder, O_DIRECTORY, 0o750);
}

function narrow(path: string, flags: number, widest: number): void {
  try {
    const fd = openSync(path, O_RDONLY | flags);
    try {
      const found = fstatSync(fd);
      const { mode, uid } = found;
      const isWider = (mode & 0o777 & ~widest) !== 0;
      if (isWider && uid === process.geteuid?.() && (found.isFile() || flags === O_DIRECTORY))
        fchmodSync(fd, mode & widest);
    } finally {
      closeSync(fd);
    }
  } catch {
    // not ours to change
  }
}
