/**
 * leftovers.ts: what killed workers left in /temp and .incoming. Files of a running download are protected by its claim; unknown names
 * are left to the person (`tgsync verify` reports them).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { discardParts } from './adopt-parts.js';
import { probePrefix } from './chat-links.js';
import type { Held } from './held.js';
import { sweepIncoming } from './incoming.js';
import { type FileOf, incomingFolder, ownerInIncoming, ownerInTemp } from './layout.js';
import { hasPlainFolder, inspectPath, removePlain } from './plain.js';

/** A probe of the disk takes a moment; one this old was left by a killed worker. */
const probeMs = 60_000;

export interface Folders {
  media: string;
  temp: string;
}

/** The media with anything on its way in these folders, each once, including those that a worker is processing. */
export async function mediaOnTheWay({ media, temp }: Folders): Promise<FileOf[]> {
  const inTemp = (await readdir(temp)).map(ownerInTemp);
  const inIncoming = (await namesInIncoming(media)).map(mediaInIncoming);
  const found = new Map<string, FileOf>();
  for (const it of [...inTemp, ...inIncoming]) if (it) found.set(`${it.kind}-${it.id}`, it);
  return [...found.values()];
}

/** Removes everything on its way of a media; returns how many downloads and files. Throws a {@link ClaimLostError}. */
export async function removeOnTheWay({ media, temp }: Folders, held: Held): Promise<number> {
  const inTemp = await discardParts(temp, held);
  return (await hasPlainFolder(join(media, incomingFolder))) ? inTemp + (await sweepIncoming(media, held)) : inTemp;
}

/** Removes probe files that killed workers left; returns how many. */
export async function removeOldProbes({ media, temp }: Folders): Promise<number> {
  let removed = 0;
  const look = async (folder: string, name: string) => {
    if (name.startsWith(probePrefix)) removed += await removeIfOld(join(folder, name));
  };
  for (const name of await readdir(temp)) await look(temp, name);
  for (const name of await namesInIncoming(media)) await look(join(media, incomingFolder), name);
  return removed;
}

async function namesInIncoming(media: string): Promise<string[]> {
  const incoming = join(media, incomingFolder);
  return (await hasPlainFolder(incoming)) ? await readdir(incoming) : [];
}

function mediaInIncoming(name: string): FileOf | undefined {
  const owner = ownerInIncoming(name);
  return owner && 'kind' in owner ? owner : undefined;
}

async function removeIfOld(path: string): Promise<number> {
  const found = await inspectPath(path); // its worker may have removed it first
  if (!found || Date.now() - found.mtimeMs < probeMs) return 0;
  await removePlain(path);
  return 1;
}
