/**
 * lock.ts: one fleet for one data folder. The kernel holds the lock and ends it with its process, so it can be neither stale nor
 * taken over by an innocent process with the same number.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PersonError } from '@tgsync/shared/errors';
import { tryLock } from '@tgsync/shared/file-lock';
import { isFleetOn } from './fleet-process.js';

/** Returns what ends the lock. The file stays, empty, as two could get in beside a deleted one. */
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

/** Versions that held no lock wrote their number, and may go on running beside an upgrade. */
function isEarlierFleet(data: string, pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0 && pid !== process.pid && isFleetOn(data, pid);
}
