/**
 * repair.ts: what a repair does on disk. A person's file is never deleted: a damaged one is moved aside, an equal one is replaced
 * atomically. Folders are flushed before anything is recorded, as after a power cut the database must not know more than the disk.
 */
import { link, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  damagedFolder,
  flushFolder,
  hasPlainFolder,
  inspectPath,
  plainFolder,
  removePlain,
  removeUnfinished,
} from '@tgsync/shared/store';

interface Roots {
  media: string;
  temp: string;
}

/** Moves a file into .damaged under its name, with a number if that is taken; returns its path. */
export async function moveAside(media: string, path: string, name: string): Promise<string> {
  const folder = join(media, damagedFolder);
  await plainFolder(folder);
  let target = join(folder, name);
  for (let nth = 2; await inspectPath(target); nth++) target = join(folder, `${name}.${nth}`);
  await rename(path, target);
  await flushFolder(folder);
  await flushFolder(dirname(path));
  return target;
}

/** Gives a file a second name, where nothing is. */
export async function linkTo(file: string, path: string): Promise<void> {
  await hasPlainFolder(dirname(path));
  await link(file, path);
  await flushFolder(dirname(path));
}

/** Removes one of our leftovers. /media and /temp themselves may be symbolic links, as the person chose them; what is below may not. */
export async function removeLeftover({ media, temp }: Roots, path: string): Promise<void> {
  const folder = dirname(path);
  if (folder === temp) await removeUnfinished(path);
  else if (folder === media || (await hasPlainFolder(folder))) await removePlain(path);
}
