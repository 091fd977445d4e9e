/**
 * plain.ts: files and folders that are what they seem: a symbolic link in /media or /temp is never followed,
 * as it leads out of the folder that a name belongs to.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises';
import { PersonError } from '../errors/index.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;

/** A file as it is there, opened for reading, or for writing too; undefined: none, or something else is in its place. */
export async function openPlain(path: string, access: 'r' | 'r+'): Promise<FileHandle | undefined> {
  try {
    const handle = await open(path, (access === 'r' ? O_RDONLY : O_RDWR) | O_NOFOLLOW);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'EISDIR', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** A new, empty file in the place of whatever had the name; a symbolic link goes, what it leads to stays. */
export async function createPlain(path: string): Promise<FileHandle> {
  await rm(path, { force: true });
  return await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
}

/** A folder, made if there is none. */
export async function plainFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await lstat(path)).isDirectory()) return;
    throw new PersonError(
      `${path} is not a folder of its own (a symbolic link?): move it away. Links are not followed here.`,
    );
  }
}
