/**
 * mend.ts: what a repair does on disk. A person's file is never deleted: a damaged one is moved aside, an equal one is replaced
 * in one step. A folder is flushed before anybody is told, as the database must not know more than the disk after a power cut.
 */
import { link, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { damagedFolder, flushFolder } from '@tgsync/shared/store';

/** Moves a file into .damaged under its name, or that name with a number; returns where it is. */
export async function moveAside(media: string, path: string, name: string): Promise<string> {
  const folder = join(media, damagedFolder);
  await mkdir(folder, { recursive: true });
  let target = join(folder, name);
  for (let nth = 2; await exists(target); nth++) target = join(folder, `${name}.${nth}`);
  await rename(path, target);
  await flushFolder(folder);
  await flushFolder(dirname(path));
  return target;
}

/** Gives a file a second name, where nothing is. */
export async function linkTo(file: string, path: string): Promise<void> {
  await link(file, path);
  await flushFolder(dirname(path));
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
