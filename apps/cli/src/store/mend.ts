/**
 * mend.ts: what a repair does on disk. A person's file is never deleted: a damaged one is moved aside, an equal one is replaced
 * in one step. A folder is flushed before anybody is told, as the database must not know more than the disk after a power cut.
 */
import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { damagedFolder, incomingFolder, incomingLinkName } from '@tgsync/shared/store';

/** Moves a file into .damaged under its name, or that name with a number; returns where it is. */
export async function moveAside(media: string, path: string, name: string): Promise<string> {
  const folder = join(media, damagedFolder);
  await mkdir(folder, { recursive: true });
  let target = join(folder, name);
  for (let nth = 2; await exists(target); nth++) target = join(folder, `${name}.${nth}`);
  await rename(path, target);
  await syncFolder(folder);
  await syncFolder(dirname(path));
  return target;
}

/** Gives a file a second name, where nothing is. */
export async function linkTo(file: string, path: string): Promise<void> {
  await link(file, path);
  await syncFolder(dirname(path));
}

/** Puts a link to a file in the place of another file, in one step. */
export async function relink(media: string, file: string, chatId: bigint, name: string): Promise<void> {
  const aside = join(media, incomingFolder, incomingLinkName(chatId, name));
  const target = join(media, chatId.toString(), name);
  await rm(aside, { force: true });
  await link(file, aside);
  await rename(aside, target);
  await syncFolder(dirname(target));
}

/** Removes a leftover of our own. */
export async function removeLeftover(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** Not every system lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
