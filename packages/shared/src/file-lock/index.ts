/**
 * file-lock: locks that the kernel holds on an open file, so they end with their process, however it ends. They also work across
 * containers that share a folder, which socket names do not, and process ids even less.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, fchownSync, fstatSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PersonError } from '../errors/index.js';

export type LockKind = 'exclusive' | 'shared';

export interface FileLock {
  /** A child that inherits it also holds the lock, until it ends. */
  fd: number;
  /** What others can read about the holder. The file stays when the lock ends: deleting it would let two processes in. */
  write(text: string): void;
  /** Releases the lock; a second call does nothing. */
  release(): void;
}

/** Platforms where open(2) can lock. On Linux flock(1) does it, as Node has no flock(2). */
const openFlags: Partial<Record<NodeJS.Platform, Record<LockKind, number>>> = {
  darwin: { exclusive: 0x20, shared: 0x10 },
  win32: { exclusive: 0x1000_0000, shared: 0 },
};

/**
 * Takes the lock, or returns undefined if another holder has it (also one in this process). Throws a PersonError if the file cannot be
 * locked.
 */
export function tryLock(file: string, kind: LockKind = 'exclusive'): FileLock | undefined {
  for (;;) {
    const fd = openLocked(file, kind);
    if (fd === undefined) return undefined;
    if (isSameFile(fd, file)) return lockOn(fd);
    closeSync(fd); // somebody deleted the file in the meantime: that lock would be worthless
  }
}

/** Like `tryLock`, but waits for other holders; undefined after `patienceMs` milliseconds. */
export async function waitForLock(file: string, kind: LockKind, patienceMs: number): Promise<FileLock | undefined> {
  for (const deadline = performance.now() + patienceMs; ;) {
    const lock = tryLock(file, kind);
    if (lock || performance.now() > deadline) return lock;
    await sleep(50);
  }
}

function lockOn(fd: number): FileLock {
  let held = true;
  return {
    fd,
    write(text) {
      ftruncateSync(fd);
      writeSync(fd, text, 0);
    },
    release() {
      if (held) closeSync(fd);
      held = false;
    },
  };
}

function openLocked(file: string, kind: LockKind): number | undefined {
  const flags = openFlags[process.platform];
  try {
    const fd = openOrCreate(file, flags ? flags[kind] : 0);
    if (flags || flock(fd, file, kind)) return fd;
    closeSync(fd);
    return undefined;
  } catch (error) {
    if (flags && ['EAGAIN', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function openOrCreate(file: string, lockFlag: number): number {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  for (;;) {
    try {
      const fd = openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | lockFlag, 0o600);
      // A lock taken as root must not leave a file that the folder's owner cannot open.
      const { uid, gid } = statSync(dirname(file));
      if (process.getuid?.() === 0 && uid !== 0) fchownSync(fd, uid, gid);
      return fd;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    try {
      return openSync(file, O_RDWR | O_NOFOLLOW | O_NONBLOCK | lockFlag);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** The lock belongs to the open file, which the child shares with us: it stays when the child ends. */
function flock(fd: number, file: string, kind: LockKind): boolean {
  const { status, error, stderr } = spawnSync('flock', [kind === 'shared' ? '-s' : '-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    encoding: 'utf8',
  });
  if (status === 0) return true;
  if (status === 1) return false;
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
    throw new PersonError('The program flock is missing. Install the package util-linux.');
  throw new PersonError(`${file} cannot be locked (${stderr?.trim() || String(error)}). Choose another --data.`);
}

function isSameFile(fd: number, file: string): boolean {
  const [ours, there] = [fstatSync(fd), statSync(file, { throwIfNoEntry: false })];
  return there?.ino === ours.ino && there.dev === ours.dev;
}
