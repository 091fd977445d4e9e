/**
 * adopt-parts.ts: an unfinished download goes from one owner to the next by one rename of its folder. From then on the earlier
 * one's paths lead nowhere: it can neither record parts nor place the file. What it still writes through the file that it has open are
 * bytes of the same media at their own place: nothing is cut or laid out in advance, so they do no harm.
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileOf, ownerInTemp, partPairNames, unfinishedName } from './layout.js';
import { lookAtPlain, plainFolder, removePlain } from './plain.js';
import { removeUnfinished, type UnfinishedPaths, unfinishedPaths, unwrittenRecord } from './unfinished.js';
import { type Held, type HeldName, namesOf } from './held.js';
import { readRecord } from './part-record.js';

/** Of what older versions left: before any claim. */
const noClaim = 0n;

/**
 * The folder in which the holder works on a file of `size` bytes: that with the most parts of those that earlier owners left, or a
 * new one. Killed between any two steps, the next owner goes on. Throws a {@link ClaimLostError}.
 */
export async function adoptParts(temp: string, held: Held, size: number): Promise<string> {
  const mine = join(temp, unfinishedName(held, held.claim));
  const [best, ...others] = await byParts(await foldersOf(temp, held), size);
  for (const it of others) await removeUnfinished(it);
  if (!best) await mkdir(mine);
  else if (best !== mine) await rename(best, mine);
  return mine;
}

/** Removes all that is there of a media; nothing when a later owner has it. Returns how many names went. */
export async function discardParts(temp: string, held: Held): Promise<number> {
  let removed = 0;
  for (const { path } of await namesOf(held, temp, ownerInTemp)) if (await removeUnfinished(path)) removed++;
  return removed;
}

/** Whatever is unfinished in /temp, whoever has it. */
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
    if ((await lookAtPlain(path))?.isDirectory()) folders.push(path);
    else await removePlain(path); // a link that leads elsewhere, say
  }
  return [...new Set([...folders, ...(await adoptPair(temp, held, names))])];
}

/** What an older version kept in two files becomes a folder, file by file: a kill between them leaves the rest for the next time. */
async function adoptPair(temp: string, held: Held, names: readonly HeldName[]): Promise<string[]> {
  const pair = pairOf(temp, held);
  const found = names.filter(({ path }) => path === pair.bytes || path === pair.record);
  if (found.length === 0) return [];
  const folder = join(temp, unfinishedName(held, noClaim));
  await plainFolder(folder);
  await removePlain(unwrittenRecord(pair.record));
  const into = unfinishedPaths(folder);
  for (const { path } of found)
    if ((await lookAtPlain(path))?.isFile()) await rename(path, path === pair.bytes ? into.bytes : into.record);
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
