/**
 * marker.ts: the file that says which archive a media folder belongs to. A folder without it may be a mount that is missing:
 * then nothing is concluded from files that are not there, and nothing starts.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PersonError } from '../errors/index.js';

export const markerName = '.tgsync-archive';

/** Checks the marker of a media folder, or sets it where an archive begins. `hasFiles`: the archive has saved files. */
export async function claimMediaFolder(media: string, archiveId: string, hasFiles: boolean): Promise<void> {
  if (await holdsArchive(media, archiveId)) return;
  if (hasFiles) {
    throw new PersonError(
      `${media} is not the media folder of this archive: its marker file ${markerName} is missing. Is the disk mounted? ` +
        'Nothing was changed. If you moved the files, move the marker file with them.',
    );
  }
  await mkdir(media, { recursive: true });
  const isUsed = (await readdir(media)).some((it) => it.endsWith('-by-id'));
  if (isUsed && !(await holdsArchive(media, archiveId))) {
    throw new PersonError(
      `${media} holds files of another archive, and this database is new. Choose an empty media folder.`,
    );
  }
  await setMarker(media, archiveId);
  await holdsArchive(media, archiveId);
}

/** Whole or not at all, and never in the place of another one: several workers may begin at once. */
async function setMarker(media: string, archiveId: string): Promise<void> {
  const partial = join(media, `${markerName}.${randomUUID()}`);
  try {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(`${archiveId}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(partial, join(media, markerName));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

/** Whether the folder is there and is this archive's; another archive's is refused. */
export async function holdsArchive(media: string, archiveId: string): Promise<boolean> {
  let found: string;
  try {
    found = (await readFile(join(media, markerName), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  if (found === archiveId) return true;
  throw new PersonError(`${media} belongs to another archive than the database. See db.url and the media folder.`);
}
