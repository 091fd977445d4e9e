/**
 * memory.ts: where a test run keeps its own data: in memory if there is room, because a database on disk takes ten times the CPU.
 * Archives stay on disk: their tests are about disks.
 */
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const inMemory = '/dev/shm';
/** More than the databases of a run need; a container often has only 64 MiB. */
const enoughBytes = 4 * 1024 ** 3;

/** Every folder where a run may have left something. */
export const candidateFolders = (): string[] => [...new Set([tmpdir(), ...(freeMemory() > 0 ? [inMemory] : [])])];

export const fastestFolder = (): string => (freeMemory() > enoughBytes ? inMemory : tmpdir());

/** Free bytes; 0 if there is no such folder. */
function freeMemory(): number {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
