/**
 * adopt-parts.ts: an unfinished download passes from one owner to the next when its folder is renamed. After that the previous owner's
 * paths no longer exist, so it can neither record parts nor place the file. Whatever it still writes through its open file handle are
 * bytes of the same media at the same offset; nothing is truncated or preallocated, so they do no harm.
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileOf, ownerInTemp, partPairNames, unfinishedName } from './layout.js';
import { inspectPath, plainFolder, removePlain } from './plain.js';
import { removeUnfinished, type UnfinishedPaths, unfinishedPaths, unwrittenRecord } from './unfinished.js';
import { type Held, type HeldName, namesOf } from './held.js';
import { readRecord } from './part-record.js';

/** Downloads of older versions, which had no claims. */
const noClaim = 0n;

/**
 * The folder in which the holder works on a file of `size` bytes: of those that earlier owners left, the one with the most parts, or a
 * new one. If this is killed at any step, the next owner continues from there. Throws a {@link ClaimLostError}.
 */
export async function adoptParts(temp: string, held: Held, size: number): Promise<string> {
  const mine = join(temp, unfinishedName(held, held.claim));
  const [best, ...others] = await byParts(await foldersOf(temp, held), size);
  for (const it of others) await removeUnfinished(it);
  if (!best) await mkdir(mine);
  else if (best !== mine) await rename(best, mine);
  return mine;
}

/** Removes everything unfinished of a media; nothing if a later owner has it. Returns how many names were removed. */
export async function discardParts(temp: string, held: Held): Promise<number> {
  let removed = 0;
  for (const { path } of await namesOf(held, temp, ownerInTemp)) if (await removeUnfinished(path)) removed++;
  return removed;
}

/** Every unfinished download in /temp, whoever owns it. */
export async function unfinishedIn(temp: string): Promise<{ owner: FileOf; paths: UnfinishedPaths }[]> {
  return (await readdir(temp)).flatMap((name) => {
    const owner = ownerInTemp(name);
    if (!owner) return [];
    const path = join(temp, name);
    if (owner.claim !== undefined) return [{ owner, paths: unfinishedPaths(path) }];
    const pair = pairOf(temp, owner);
    return pair.bytes === path ? [{ owner, paths: pair }] : [];
  });
}

async function foldersOf(temp: string, held: Held): Promise<string[]> {
  const names = await namesOf(held, temp, ownerInTemp);
  const folders: string[] = [];
  for (const { claim, path } of names) {
    if (claim === undefined) continue;
    if ((await inspectPath(path))?.isDirectory()) folders.push(path);
    else await removePlain(path); // a symbolic link, for example
  }
  return [...new Set([...folders, ...(await adoptPair(temp, held, names))])];
}

/**
 * Turns the two files of an older version into a folder, one file at a time: if this is killed in between, the next run moves the
 * other.
 */
async function adoptPair(temp: string, held: Held, names: readonly HeldName[]): Promise<string[]> {
  const pair = pairOf(temp, held);
  const found = names.filter(({ path }) => path === pair.bytes || path === pair.record);
  if (found.length === 0) return [];
  const folder = join(temp, unfinishedName(held, noClaim));
  await plainFolder(folder);
  await removePlain(unwrittenRecord(pair.record));
  const into = unfinishedPaths(folder);
  for (const { path } of found)
    if ((await inspectPath(path))?.isFile()) await rename(path, path === pair.bytes ? into.bytes : into.record);
  return [folder];
}

function pairOf(temp: string, of: FileOf): UnfinishedPaths {
  const { bytes, record } = partPairNames(of);
  return { bytes: join(temp, bytes), record: join(temp, record) };
}

async function byParts(folders: readonly string[], size: number): Promise<string[]> {
  if (folders.length < 2) return [...folders];
  const counted = folders.map(async (it) => ({ it, parts: (await readRecord(unfinishedPaths(it).record, size)).size }));
  return (await Promise.all(counted)).sort((a, b) => b.parts - a.parts).map(({ it }) => it);
}
