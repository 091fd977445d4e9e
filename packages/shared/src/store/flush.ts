/** flush.ts: makes sure that what was written survives a power cut. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { batched } from '../batch/index.js';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

const openToFlush = (path: string) => open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

/** Flushes a file or folder; never follows a symbolic link. */
export async function flush(path: string): Promise<void> {
  const handle = await openToFlush(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A new name is only durable once its folder is flushed; not every system lets a folder be opened. Files that get names in one folder at
 * the same time share a flush, which begins after the last of these names was made.
 */
export async function flushFolder(path: string): Promise<void> {
  const error = await flushShared(path);
  if (error && !['EISDIR', 'EPERM', 'EINVAL'].includes(error.code ?? '')) throw error;
}

/** Returns errors instead of throwing them, as a folder whose flush failed must not be flushed again in the hope of a better answer. */
const flushShared = batched(async (paths: readonly string[]) => {
  const errors = new Map<string, NodeJS.ErrnoException | undefined>();
  const flushOne = async (path: string) =>
    errors.set(
      path,
      await flushOpen(path).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error,
      ),
    );
  await Promise.all([...new Set(paths)].map(flushOne));
  return paths.map((it) => errors.get(it));
});

/** A folder stays open for so long, as the next of many small files needs it within milliseconds; no longer, as it may be replaced. */
const openMs = 100;
const openFolders = new Map<string, Promise<FileHandle>>();

async function flushOpen(path: string): Promise<void> {
  let handle = openFolders.get(path);
  if (!handle) {
    handle = openToFlush(path);
    openFolders.set(path, handle);
    closeLater(path, handle);
  }
  await (await handle).sync();
}

function closeLater(path: string, opening: Promise<FileHandle>): void {
  opening.then(
    (handle) =>
      setTimeout(() => {
        openFolders.delete(path);
        handle.close().catch(() => {}); // waits for flushes under way, which report their errors
      }, openMs),
    () => openFolders.delete(path),
  );
}
