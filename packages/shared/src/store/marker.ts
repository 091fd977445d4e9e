/**
 * marker.ts: the file that says which archive a media folder belongs to. A folder without it may be an unmounted disk: then missing
 * files prove nothing, and nothing starts.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PersonError } from '../errors/index.js';
import { flushFolder } from './flush.js';
import { inspectPath, nameOf, readPlain } from './plain.js';

export const markerName = '.tgsync-archive';

/** Checks the marker of a media folder, or creates it for a new archive. `hasFiles`: the archive has saved files. */
export async function claimMediaFolder(media: string, archiveId: string, hasFiles: boolean): Promise<void> {
  if (await holdsArchive(media, archiveId)) return;
  if (hasFiles) {
    throw new PersonError(
      `${media} is not the media folder of this archive: its marker file ${markerName} is missing. Is the disk mounted? ` +
        'Nothing was changed. If you moved the files, move the marker file with them.',
    );
  }
  await makeMediaFolder(media);
  const isUsed = (await readdir(media)).some((it) => it.endsWith('-by-id'));
  if (isUsed && !(await holdsArchive(media, archiveId))) {
    throw new PersonError(
      `${media} contains another archive's files, but this database is new. Choose an empty media folder; or, if the other database is lost, ` +
        'run `tgsync adopt` to take over its files without downloading them again.',
    );
  }
  await setMarker(media, archiveId);
  await holdsArchive(media, archiveId);
}

/** The id of the archive that owns a media folder; undefined if its marker names none. */
export async function ownerOf(media: string): Promise<string | undefined> {
  return (await readPlain(join(media, markerName), 100))?.trim() || undefined;
}

/** Makes a media folder belong to this archive, whoever owned it: the person asked for it. */
export async function takeOverMediaFolder(media: string, archiveId: string): Promise<void> {
  const partial = join(media, `${markerName}.${randomUUID()}`);
  try {
    await writeMarker(partial, archiveId);
    await rename(partial, join(media, markerName));
    await flushFolder(media);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Written completely or not at all, and never over another one: several workers may start at once. */
async function setMarker(media: string, archiveId: string): Promise<void> {
  const partial = join(media, `${markerName}.${randomUUID()}`);
  try {
    await writeMarker(partial, archiveId);
    await link(partial, join(media, markerName));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

async function writeMarker(path: string, archiveId: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(`${archiveId}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Why a media folder cannot be created or written to, and what to do about it. */
const refusals: Record<string, string> = {
  EEXIST: 'something that is not a folder has this name: move it away',
  ENOTDIR: 'a parent folder is a file or a broken symbolic link: move it away',
  ENOENT: 'a parent folder is a file or a broken symbolic link: move it away',
  EACCES: 'no permission to write: check owner and mode (PUID and PGID with docker compose)',
  EPERM: 'no permission to write: check owner and mode (PUID and PGID with docker compose)',
  EROFS: 'the disk is read-only',
};

async function makeMediaFolder(media: string): Promise<void> {
  try {
    await mkdir(media, { recursive: true });
  } catch (error) {
    const reason = refusals[(error as NodeJS.ErrnoException).code ?? ''];
    throw reason === undefined ? error : new PersonError(`Cannot create the media folder ${media}: ${reason}.`);
  }
}

/** Whether the folder exists and belongs to this archive; throws if it belongs to another one. */
export async function holdsArchive(media: string, archiveId: string): Promise<boolean> {
  const marker = join(media, markerName);
  const found = (await readPlain(marker, 100))?.trim();
  if (found === archiveId) return true;
  if (found !== undefined)
    throw new PersonError(
      `${media} belongs to a different archive than this database. Check db.url and the media folder; or, if the other database is lost and this ` +
        'one is new, run `tgsync adopt` to take over the files without downloading them again.',
    );
  const instead = await inspectPath(marker);
  if (!instead) return false;
  throw new PersonError(
    `${marker} is ${nameOf(instead)} instead of a regular file. Put the marker file itself there; links are not followed.`,
  );
}
