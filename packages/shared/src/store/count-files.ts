/** count-files.ts: how many files a repo has: a quick look at whether a large share of it is gone. */
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerInRepo, repoFolder } from './layout.js';

/** Names of media; undefined: the folder itself is not there. */
export async function countRepo(media: string, kind: 'photo' | 'document'): Promise<number | undefined> {
  const folder = repoFolder(kind);
  try {
    let count = 0;
    for await (const { name } of await opendir(join(media, folder))) if (ownerInRepo(folder, name)) count++;
    return count;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
