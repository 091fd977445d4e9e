/**
 * chat-links.ts: how a file of the repo appears in a chat's folder: as a hard link or, on file systems without them, as a copy, a
 * symbolic link or not at all. An existing file of that name is replaced atomically, so the name never shows half a file.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LinkMode } from '../config/index.js';
import { flush, flushFolder } from './flush.js';
import { setTime } from './file-time.js';
import type { FreshFolders } from './fresh-folders.js';
import { folderOf, incomingFolder, incomingLinkName, linkTarget } from './layout.js';
import { createPlain, requirePlain, plainFolder, plainFolders, removePlain } from './plain.js';

export interface Link {
  chatId: bigint;
  /** Within /media; absent or null: the folder of the chat's id. */
  folder?: string | null;
  name: string;
  /** The date of its message, which becomes the time of a copy; absent: a copy has the time of the file. */
  date?: Date | null;
}

export interface LinkPlaces {
  media: string;
  /** Where the complete file is now. */
  source: string;
  /** Its kind and name in the repo. */
  kind: string;
  fileName: string;
  /** The claim under which the link is made. */
  claim: bigint;
}

/** Why there is a copy instead of a hard link: the file has as many links as it can have, or its folder is on another branch of a union. */
export type CopyReason = 'EMLINK' | 'EXDEV';

/** Shows a file in a chat. Returns why it is a copy if the disk refused the requested link. */
export async function showInChat(
  mode: LinkMode,
  { media, source, kind, fileName, claim }: LinkPlaces,
  one: Link,
): Promise<CopyReason | undefined> {
  if (mode === 'none') return undefined;
  const within = folderOf(one);
  const folder = join(media, within);
  const target = join(folder, one.name);
  await plainFolders(media, within);
  await plainFolder(join(media, incomingFolder));
  const aside = join(media, incomingFolder, incomingLinkName(kind, fileName, one.chatId, claim));
  let copied: CopyReason | undefined;
  if (mode === 'hard') copied = await hardLink(source, target, aside);
  else if (mode === 'copy') await putCopy(source, target, aside);
  else await symbolicLink(linkTarget(kind, fileName, within), target, aside);
  if (copied ?? mode === 'copy') await setTime(target, one.date ?? null);
  await flushFolder(folder);
  return copied;
}

/** A file has the name already, or the disk refuses this link: {@link showInChat} does what can be done. */
const notSimple = new Set(['EEXIST', 'EMLINK', 'EXDEV', 'ENAMETOOLONG']);

/** Makes a hard link in the folder of a chat where nothing has its name; false if it is not as simple as that. */
export async function linkNew(media: string, source: string, one: Link, folders: FreshFolders): Promise<boolean> {
  const within = folderOf(one);
  const isChecked = await folders.check(media, within);
  try {
    await link(source, join(media, within, one.name));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (notSimple.has(code)) return false;
    if (isChecked || code !== 'ENOENT') throw error;
    folders.forget(); // somebody removed it
    return await linkNew(media, source, one, folders);
  }
  await flushFolder(join(media, within));
  return true;
}

async function hardLink(source: string, target: string, aside: string): Promise<CopyReason | undefined> {
  let copied = await linkOrReason(source, target);
  if (copied !== 'EEXIST') {
    if (copied) await putCopy(source, target, aside);
    return copied;
  }
  const [mine, other] = [await lstat(source), await lstat(target)];
  if (mine.ino === other.ino && mine.dev === other.dev) return undefined;
  // The name belongs to this message: it is an earlier copy of the same media, whose repo file was lost in a power cut.
  copied = undefined;
  await put(target, aside, async (path) => {
    const reason = await linkOrReason(source, path);
    if (!reason || reason === 'EEXIST') return;
    copied = reason;
    await copyWhole(source, path);
  });
  return copied;
}

/** Makes a hard link, or returns why it cannot be one; other errors are thrown. */
async function linkOrReason(source: string, path: string): Promise<CopyReason | 'EEXIST' | undefined> {
  try {
    await link(source, path);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMLINK' || code === 'EXDEV' || code === 'EEXIST') return code;
    throw error;
  }
}

/** Atomically replaces whatever has the name with a copy of a complete file. `aside` is on the same disk, and used by nobody else. */
export async function putCopy(source: string | FileHandle, target: string, aside: string): Promise<void> {
  await put(target, aside, (path) => copyWhole(source, path));
}

async function symbolicLink(leadsTo: string, target: string, aside: string): Promise<void> {
  if ((await readlink(target).catch(() => undefined)) === leadsTo) return;
  await put(target, aside, (path) => symlink(leadsTo, path));
}

/** Makes it aside and moves it to its place. On a union of disks, where folders can be on different ones, it is made beside its place. */
async function put(target: string, aside: string, make: (path: string) => Promise<void>): Promise<void> {
  try {
    await putFrom(target, aside, make);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await putFrom(target, join(dirname(target), `.${basename(aside)}`), make);
  }
}

async function putFrom(target: string, aside: string, make: (path: string) => Promise<void>): Promise<void> {
  try {
    await removePlain(aside); // left by a killed run
    await make(aside);
    await rename(aside, target);
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * Copies a file with its time, as a reflink where the file system can. Copies the file that was opened, even if another one has its name by now; only
 * Linux can name an open file for that.
 */
async function copyWhole(source: string | FileHandle, target: string): Promise<void> {
  const handle = typeof source === 'string' ? await requirePlain(source) : source;
  let time: Date;
  try {
    time = (await handle.stat()).mtime;
    const opened = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : source;
    if (typeof opened === 'string')
      await copyFile(opened, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    else
      await pipeline(
        opened.createReadStream({ start: 0, autoClose: false }),
        (await createPlain(target)).createWriteStream(),
      );
  } finally {
    if (handle !== source) await handle.close();
  }
  await setTime(target, time);
  await flush(target);
}

/** The prefix of probe files; an old one was left by a killed worker. */
export const probePrefix = '.probe-';

/** Tries whether the file system can make the links of this mode; returns the error if it cannot. */
export async function tryLinks(mode: LinkMode, folder: string): Promise<NodeJS.ErrnoException | undefined> {
  if (mode === 'none' || mode === 'copy') return undefined;
  const [probe, other] = [join(folder, probePrefix + randomUUID()), join(folder, probePrefix + randomUUID())];
  try {
    await (await createPlain(probe)).close();
    await (mode === 'hard' ? link(probe, other) : symlink(basename(probe), other));
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    for (const path of [probe, other]) await rm(path, { force: true });
  }
}
