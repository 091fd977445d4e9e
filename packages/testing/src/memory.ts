/**
 * memory.ts: where a test run keeps what only it needs: in memory where there is room, as a database on a disk costs ten times the CPU.
 * Archives stay on a disk: they are about disks.
 */
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const inMemory = '/dev/shm';
/** What the databases of a run need, and more; a container often has 64 MiB. */
const enoughBytes = 4 * 1024 ** 3;

/** Every place where a run may have left something. */
export const places = (): string[] => [...new Set([tmpdir(), ...(roomInMemory() > 0 ? [inMemory] : [])])];

export const bestPlace = (): string => (roomInMemory() > enoughBytes ? inMemory : tmpdir());

/** Bytes; 0 where there is no such place. */
function roomInMemory(): number {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
