/**
 * lock.ts: allows one fleet per data folder. The kernel holds the lock and drops it with its process, so it can be neither stale nor
 * mistaken for an unrelated process with the same id.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PersonError } from '@tgsync/shared/errors';
import { tryLock } from '@tgsync/shared/file-lock';
import { isFleetOn } from './fleet-process.js';

/** Returns a function that releases the lock. The file stays, empty: if it were deleted, two could hold the lock. */
export function lockFolder(data: string): () => void {
  mkdirSync(data, { recursive: true });
  const file = join(data, 'running.pid');
  const lock = tryLock(file);
  const pid = !lock || process.platform === 'linux' ? readFileSync(file, 'utf8').trim() : '';
  if (!lock || isEarlierFleet(data, Number(pid))) {
    lock?.release();
    throw new PersonError(
      `tgsync is already running on ${data}${pid ? ` (process ${pid})` : ''}. Stop it first, or choose another --data.`,
    );
  }
  lock.write(`${process.pid}\n`);
  return () => {
    lock.write('');
    lock.release();
  };
}

/** Versions without a lock wrote their process id, and may still be running during an upgrade. */
function isEarlierFleet(data: string, pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0 && pid !== process.pid && isFleetOn(data, pid);
}
