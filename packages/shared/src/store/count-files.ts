/** count-files.ts: how many files a repo has, a quick check whether a large share of them is missing. */
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerInRepo, repoFolder } from './layout.js';

/** Names read from the disk at once: few take twice as long for a million files, and very many longer still. */
const bufferSize = 1024;

/** The number of files named like media, counted up to `enough`; undefined if the folder itself is missing. */
export async function countRepo(
  media: string,
  kind: 'photo' | 'document',
  enough = Infinity,
): Promise<number | undefined> {
  const folder = repoFolder(kind);
  try {
    let count = 0;
    for await (const { name } of await opendir(join(media, folder), { bufferSize }))
      if (ownerInRepo(folder, name) && ++count >= enough) break;
    return count;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
