/** inspect.ts: what is on disk, without following symbolic links or holding a big folder in memory. */
import type { BigIntStats } from 'node:fs';
import { lstat, opendir, readlink } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, relative, sep } from 'node:path';
import { hasPlainFolder, hasPlainFolders, requirePlain } from '@tgsync/shared/store';
import type { Found } from '../verify/judge.js';

const gone = new Set(['ENOENT', 'ENOTDIR']);

/**
 * What has a name in a folder of /media. The folder is checked each time as well, with those that it is in below `root`: any may have
 * become a symbolic link.
 */
export async function inspect(path: string, root?: string): Promise<Found> {
  try {
    if (!(await isBelowFolders(dirname(path), root))) return { type: 'nothing' };
    const found: BigIntStats = await lstat(path, { bigint: true });
    if (found.isFile()) return { type: 'file', size: found.size, inode: `${found.dev}:${found.ino}` };
    if (found.isSymbolicLink()) return { type: 'symlink', target: await readlink(path) };
    return { type: 'other' };
  } catch (error) {
    if (gone.has((error as NodeJS.ErrnoException).code ?? '')) return { type: 'nothing' };
    return { type: 'unreadable', problem: (error as Error).message };
  }
}

async function isBelowFolders(folder: string, root: string | undefined): Promise<boolean> {
  if (root === undefined) return await hasPlainFolder(folder);
  return await hasPlainFolders(root, relative(root, folder).split(sep).join('/'));
}

export interface Entry {
  name: string;
  type: 'file' | 'folder' | 'symlink' | 'other';
}

const batchSize = 500;

/** The entries of a folder in batches; none if it does not exist. `problem` is called if the folder cannot be read. */
export async function* entriesOf(folder: string, problem?: (text: string) => void): AsyncGenerator<Entry[]> {
  let batch: Entry[] = [];
  try {
    for await (const it of await opendir(folder)) {
      const type = it.isFile() ? 'file' : it.isDirectory() ? 'folder' : it.isSymbolicLink() ? 'symlink' : 'other';
      batch.push({ name: it.name, type });
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!gone.has(code ?? '')) {
      if (!problem) throw error;
      problem(message);
    }
  }
  if (batch.length > 0) yield batch;
}

export interface Reading {
  signal: AbortSignal;
  /** Called after each chunk; reading continues when it resolves. */
  onBytes: (bytes: number) => Promise<void> | void;
}

const chunkSize = 1024 * 1024;

/** SHA-256 of a file. Throws a {@link NotPlainError} if anything else has its name by now. */
export async function hashFile(path: string, { signal, onBytes }: Reading): Promise<string> {
  const handle = await requirePlain(path);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(chunkSize);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, chunkSize, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
      await onBytes(bytesRead);
    }
  } finally {
    await handle.close();
  }
}
