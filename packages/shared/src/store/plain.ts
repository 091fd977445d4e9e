/**
 * plain.ts: files and folders that are what they seem. Symbolic links in /media and /temp are never followed, as they lead out of the
 * folder that a name belongs to, and a FIFO or device instead of a file never blocks anybody.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PersonError } from '../errors/index.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** There is nothing, or something that cannot be opened as a file. */
const noFile = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO', 'ENODEV']);

/**
 * Opens a regular file for reading, or for writing too; undefined if there is none, or something else has its name. A file that we
 * write to must have only one link: with another one it belongs to somebody else as well.
 */
export async function openPlain(path: string, access: 'r' | 'r+'): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, (access === 'r' ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK); // opening a FIFO would block otherwise
  } catch (error) {
    if (noFile.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    const found = await handle.stat();
    if (found.isFile() && (access === 'r' || found.nlink === 1)) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** Like {@link openPlain}, but throws a {@link NotPlainError} if there is no regular file. */
export async function requirePlain(path: string): Promise<FileHandle> {
  const handle = await openPlain(path, 'r');
  if (handle) return handle;
  const found = await inspectPath(path);
  throw new NotPlainError(`${path} is ${found ? `${nameOf(found)}, not a regular file` : 'missing'}.`);
}

/** Something other than a regular file is where one should be. */
export class NotPlainError extends PersonError {
  override name = 'NotPlainError';
}

/** The text of a small file; undefined if there is no regular file. */
export async function readPlain(path: string, maxBytes: number): Promise<string | undefined> {
  const handle = await openPlain(path, 'r');
  if (!handle) return undefined;
  try {
    const buffer = Buffer.alloc(Math.min(maxBytes, (await handle.stat()).size));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Whether a path still names the file that was opened. While it is open, no other file gets its inode number. */
export async function isStillAt(path: string, handle: FileHandle): Promise<boolean> {
  const [mine, there] = [await handle.stat(), await inspectPath(path)];
  return there !== undefined && there.ino === mine.ino && there.dev === mine.dev;
}

/** Creates an empty file in place of whatever had the name; a symbolic link is removed, its target stays. */
export async function createPlain(path: string): Promise<FileHandle> {
  try {
    return await createNew(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await removePlain(path);
    return await createNew(path);
  }
}

async function createNew(path: string): Promise<FileHandle> {
  return await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
}

/** Removes whatever has the name, unless it is a folder. */
export async function removePlain(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    if ((await inspectPath(path))?.isDirectory())
      throw new PersonError(`${path} is a folder where tgsync needs to write a file. Move it away.`);
    throw error;
  }
}

/** Creates a folder unless it exists. */
export async function plainFolder(path: string): Promise<void> {
  if (await hasPlainFolder(path)) return;
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await hasPlainFolder(path))) throw error;
  }
}

/** Creates a folder, and those that it is in, below `root`. */
export async function plainFolders(root: string, within: string): Promise<void> {
  for (const path of pathsTo(root, within)) await plainFolder(path);
}

/** Whether there is a folder below `root`; throws if it, or one that it is in, is something else. */
export async function hasPlainFolders(root: string, within: string): Promise<boolean> {
  for (const path of pathsTo(root, within)) if (!(await hasPlainFolder(path))) return false;
  return true;
}

/** The folders on the way to one below `root`, outermost first. */
function pathsTo(root: string, within: string): string[] {
  const segments = within.split('/');
  return segments.map((_, at) => join(root, ...segments.slice(0, at + 1)));
}

/** Whether there is a folder; throws if something else has its name. */
export async function hasPlainFolder(path: string): Promise<boolean> {
  const found = await inspectPath(path);
  if (!found || found.isDirectory()) return found !== undefined;
  throw new PersonError(`${path} is ${nameOf(found)} instead of a folder. Move it away; links are not followed here.`);
}

/** What has this name, without following links; undefined if nothing does. */
export async function inspectPath(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** A description for a person. */
export function nameOf(found: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO'>): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isSymbolicLink()) return 'a symbolic link';
  return found.isFIFO() ? 'a named pipe' : 'a device or socket';
}
