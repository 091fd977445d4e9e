/**
 * plain.ts: files and folders that are what they seem. Nothing in /media or /temp is followed if it is a symbolic link, as that
 * leads out of the folder that a name belongs to; and no FIFO or device in a file's place keeps anybody waiting.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises';
import { PersonError } from '../errors/index.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** Nothing is there, or something that cannot be opened as a file. */
const noFile = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO', 'ENODEV']);

/**
 * A regular file as it is there, opened for reading, or for writing too; undefined: none, or something else is in its place.
 * What we write into has one name only: a file with another name is also somebody else's.
 */
export async function openPlain(path: string, access: 'r' | 'r+'): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, (access === 'r' ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK); // opening a FIFO waits else
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

/** Like {@link openPlain}, where there has to be a regular file. */
export async function needPlain(path: string): Promise<FileHandle> {
  const handle = await openPlain(path, 'r');
  if (handle) return handle;
  const found = await lookAtPlain(path);
  throw new NotPlainError(`${path} is ${found ? nameOf(found) : 'not there any more'}, and not a regular file.`);
}

/** Something that is no regular file is where one should be. */
export class NotPlainError extends PersonError {
  override name = 'NotPlainError';
}

/** The text of a small file; undefined: there is no regular file. */
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

/** Whether a path still names the very file that was opened. While that is open, no other one gets its number. */
export async function isStillAt(path: string, handle: FileHandle): Promise<boolean> {
  const [mine, there] = [await handle.stat(), await lookAtPlain(path)];
  return there !== undefined && there.ino === mine.ino && there.dev === mine.dev;
}

/** A new, empty file in the place of whatever had the name; a symbolic link goes, what it leads to stays. */
export async function createPlain(path: string): Promise<FileHandle> {
  await removePlain(path);
  return await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
}

/** Removes whatever has the name, but a folder. */
export async function removePlain(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    if ((await lookAtPlain(path))?.isDirectory())
      throw new PersonError(`${path} is a folder where tgsync needs to write a file. Move it away.`);
    throw error;
  }
}

/** A folder, made if there is none. */
export async function plainFolder(path: string): Promise<void> {
  if (await hasPlainFolder(path)) return;
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await hasPlainFolder(path))) throw error;
  }
}

/** Whether there is a folder; anything else in its place is an error. */
export async function hasPlainFolder(path: string): Promise<boolean> {
  const found = await lookAtPlain(path);
  if (!found || found.isDirectory()) return found !== undefined;
  throw new PersonError(`${path} is ${nameOf(found)} instead of a folder. Move it away; links are not followed here.`);
}

/** What has a name, whatever it is; undefined: nothing. */
export async function lookAtPlain(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** What it is, for a person. */
export function nameOf(found: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO'>): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isSymbolicLink()) return 'a symbolic link';
  return found.isFIFO() ? 'a named pipe' : 'a device or socket';
}
