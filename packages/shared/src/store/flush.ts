/** flush.ts: makes sure that what was written survives a power cut. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Flushes a file or folder; never follows a symbolic link. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new name is only durable once its folder is flushed; not every system lets a folder be opened. */
export async function flushFolder(path: string): Promise<void> {
  try {
    await flush(path);
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
