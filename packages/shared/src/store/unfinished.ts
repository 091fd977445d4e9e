/**
 * unfinished.ts: an unfinished download on disk: a folder in /temp with the bytes, and a record of the parts that are done. Older
 * versions had two files in /temp instead.
 */
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectPath, removePlain } from './plain.js';

const names = { bytes: 'bytes', record: 'record' };

export interface UnfinishedPaths {
  bytes: string;
  record: string;
}

export function unfinishedPaths(folder: string): UnfinishedPaths {
  return { bytes: join(folder, names.bytes), record: join(folder, names.record) };
}

/** The name of a record while it is being written. */
export function unwrittenRecord(record: string): string {
  return `${record}.new`;
}

/** Whether a name in the folder of an unfinished download is ours. */
export function isOfUnfinished(name: string): boolean {
  return [names.bytes, names.record, unwrittenRecord(names.record)].includes(name);
}

/** Removes such a folder, or a file of older versions. Returns false if the folder stays because it holds something that is not ours. */
export async function removeUnfinished(path: string): Promise<boolean> {
  if (!(await isFolder(path))) {
    await removePlain(path);
    return true;
  }
  const { bytes, record } = unfinishedPaths(path);
  for (const it of [record, unwrittenRecord(record), bytes]) if (!(await isFolder(it))) await removePlain(it);
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await inspectPath(path))?.isDirectory() ?? false;
}
