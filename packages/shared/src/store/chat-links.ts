/**
 * chat-links.ts: how a file of the repo shows in a chat's folder: as a hard link, or, on file systems without them, as a copy,
 * a symbolic link or not at all. Whatever had the name is replaced in one step, so the name never shows half a file.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { LinkMode } from '../config/index.js';
import { flush, flushFolder } from './flush.js';
import { incomingFolder, incomingLinkName } from './layout.js';
import { createPlain, plainFolder } from './plain.js';

export interface Link {
  chatId: bigint;
  name: string;
}

export interface LinkPlaces {
  media: string;
  /** Where the whole file is now. */
  source: string;
  /** Where it is, or will be, in the repo. */
  repo: string;
}

export async function showInChat(mode: LinkMode, { media, source, repo }: LinkPlaces, one: Link): Promise<void> {
  if (mode === 'none') return;
  const folder = join(media, one.chatId.toString());
  const target = join(folder, one.name);
  await plainFolder(folder);
  const aside = join(media, incomingFolder, incomingLinkName(one.chatId, one.name)); // the claim of the media keeps others away
  if (mode === 'hard') await hardLink(source, target, aside);
  else if (mode === 'copy') await putCopy(source, target, aside);
  else await symbolicLink(relative(folder, repo), target, aside);
  await flushFolder(folder);
}

async function hardLink(source: string, target: string, aside: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (hasManyLinks(error)) return await putCopy(source, target, aside);
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const [mine, other] = [await lstat(source), await lstat(target)];
    if (mine.ino === other.ino && mine.dev === other.dev) return;
    // The name is this message's own: an earlier copy of the same media, whose repo file was lost with a power cut.
    await put(target, aside, async () => {
      await link(source, aside).catch(async (reason: unknown) => {
        if (!hasManyLinks(reason)) throw reason;
        await copyWhole(source, aside);
      });
    });
  }
}

/** A sticker that everybody sends: ext4 takes 65,000 names for one file. What comes after is a copy. */
function hasManyLinks(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EMLINK';
}

/** A copy of a whole file in the place of whatever has the name, in one step. `aside` is on the same disk, and nobody else's. */
export async function putCopy(source: string, target: string, aside: string): Promise<void> {
  await put(target, aside, () => copyWhole(source, aside));
}

async function symbolicLink(leadsTo: string, target: string, aside: string): Promise<void> {
  if ((await readlink(target).catch(() => undefined)) === leadsTo) return;
  await put(target, aside, () => symlink(leadsTo, aside));
}

async function put(target: string, aside: string, make: () => Promise<void>): Promise<void> {
  try {
    await rm(aside, { force: true }); // of a run that was killed
    await make();
    await rename(aside, target);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Copies a file, on file systems that can without a second set of bytes. */
async function copyWhole(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await flush(target);
}

/** What a probe is called; one that is old was left by a killed worker. */
export const probePrefix = '.probe-';

/** Whether the file system can do what the mode needs, by trying it; the refusal, if not. */
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
