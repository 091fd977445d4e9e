/**
 * file-time.ts: a file has the date of the first message that holds it as its time, so that folders sort by it. Only for people: nothing
 * depends on it, and a file system that keeps no times is no failure.
 */
import { type FileHandle, lutimes } from 'node:fs/promises';
import { openPlain } from './plain.js';

/** Sets the time of a file; not if it has none to set, or the disk refuses. Never through a symbolic link. */
export async function setTime(path: string, date: Date | null): Promise<void> {
  if (!date) return;
  try {
    await lutimes(path, new Date(), date);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  }
}

/**
 * Sets the time of a saved file when a message with this date was found later: an earlier date counts. `first` finds the date of the
 * first message, which takes long for a sticker in many messages.
 */
export async function lowerTime(path: string, date: Date | null, first: () => Promise<Date | null>): Promise<void> {
  if (!date) return;
  await withFile(path, async (file) => {
    const { atime, mtime, mtimeMs } = await file.stat();
    // Telegram's dates are whole seconds. Any other time is that of a download by an older version.
    const isOurs = mtimeMs % 1000 === 0;
    const time = isOurs ? date : ((await first()) ?? date);
    if (time < mtime) await file.utimes(atime, time);
  });
}

async function withFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await openPlain(path, 'r').catch(() => undefined);
  try {
    if (file) await work(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error; // the database's, not the disk's
  } finally {
    await file?.close();
  }
}
