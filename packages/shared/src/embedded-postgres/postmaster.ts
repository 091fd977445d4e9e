/**
 * postmaster.ts: what postmaster.pid says, and which process has that pid now. A pid alone proves nothing, as another program may have
 * it by now. The file of a running server is never touched: without it Postgres shuts itself down.
 */
import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PidFile {
  pid: number;
  /** When the server started, as it wrote it: distinguishes it from a later one with the same pid. */
  startedAt: string;
  port: number;
  /** It is replaying its log, which may take minutes after a crash. */
  isStarting: boolean;
}

/** `unknown`: a process has this pid, but this system does not reveal which program it is. */
export type Occupant = 'server' | 'other' | 'nobody' | 'unknown';

export function readPidFile(data: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(pidFileOf(data), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [pid, , startedAt = '', port] = lines;
  return {
    pid: Number(pid) || 0,
    startedAt,
    port: Number(port) || 0,
    isStarting: lines[7]?.startsWith('starting') ?? false,
  };
}

/** Who has the pid now. Every Postgres server has its data folder as its working directory, whatever its command line looks like. */
export function occupantOf(pid: number, data: string): Occupant {
  if (pid <= 0 || !exists(pid)) return 'nobody';
  if (process.platform !== 'linux') return 'unknown';
  try {
    const [, name, state] = /^\d+ \((.*)\) (.)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    if (state === 'Z' || state === 'X') return 'nobody';
    if (name !== 'postgres') return 'other';
    const [there, ours] = [statSync(`/proc/${pid}/cwd`), statSync(data)];
    return there.ino === ours.ino && there.dev === ours.dev ? 'server' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? 'nobody' : 'unknown';
  }
}

/**
 * Removes the pid of another program (or of a zombie) from a pid file, and nothing else: Postgres then checks itself whether anybody
 * still uses the shared memory named in the file, which it could not if the file were deleted.
 */
export function disown(data: string, pid: number): void {
  if (!exists(pid)) return; // Postgres detects that itself
  const file = pidFileOf(data);
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  const { uid, gid } = statSync(file);
  writeFileSync(`${file}.new`, [unusedPid, ...rest].join('\n'), { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(`${file}.new`, uid, gid);
  renameSync(`${file}.new`, file);
}

/** Higher than any pid. */
const unusedPid = 2 ** 31 - 1;

function pidFileOf(data: string): string {
  return join(data, 'postmaster.pid');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
