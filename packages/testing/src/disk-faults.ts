/**
 * disk-faults.ts: disk failures on demand, below the store of a real process: loaded with `--import`, it injects faults into
 * node:fs/promises. For what tests cannot do to a real disk: quotas, link limits, read-only, no hard links.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

export interface DiskFault {
  /** The call, such as `link` or `write`. `statfs` returns `free` instead of failing, and `capacity` simulates a disk of `free` bytes. */
  call: string;
  /** A part of the path; for calls with two paths, of either one unless `dest` is a part of the second. */
  path: string;
  dest?: string;
  code?: string;
  /** Only for names longer than this, in bytes. */
  longerThan?: number;
  /** Free bytes that statfs reports. */
  free?: number;
}

/** The file with the active faults. */
const file = process.env.TGSYNC_TEST_DISK_FAULTS;

function faultOf(call: string, ...paths: unknown[]): DiskFault | undefined {
  if (!file) return undefined;
  let faults: DiskFault[];
  try {
    faults = JSON.parse(fs.readFileSync(file, 'utf8')) as DiskFault[];
  } catch {
    return undefined;
  }
  const [, second] = paths;
  return faults.find(
    (it) =>
      it.call === call &&
      paths.some((path) => String(path).includes(it.path)) &&
      (it.dest === undefined || String(second).includes(it.dest)) &&
      (it.longerThan === undefined || Buffer.byteLength(basename(String(second ?? paths[0]))) > it.longerThan),
  );
}

function refuse(call: string, ...paths: unknown[]): void {
  const fault = faultOf(call, ...paths);
  if (!fault?.code) return;
  const [path, dest] = paths.map(String);
  throw Object.assign(new Error(`${fault.code}: on demand, ${call} '${path}'`), {
    code: fault.code,
    syscall: call,
    path,
    ...(dest === undefined ? {} : { dest }),
  });
}

/** Bytes used in the folder of a small disk and its subfolders, as a file system counts them. */
function usedIn(folder: string): number {
  return namesIn(folder).reduce((sum, name) => {
    const found = fs.lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
    return sum + (found?.isDirectory() ? usedIn(`${folder}/${name}`) : (found?.blocks ?? 0) * 512);
  }, 0);
}

/** Empty if the folder has just been renamed or removed. */
function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** The small disk that a file is on; `path` is the end of its folder. */
function smallDiskOf(path: string): { folder: string; free: number } | undefined {
  const fault = faultOf('capacity', path);
  const end = fault ? path.indexOf(fault.path) + fault.path.length : -1;
  const folder = path.slice(0, end);
  return fault?.free === undefined ? undefined : { folder, free: Math.max(0, fault.free - usedIn(folder)) };
}

function refuseBeyond(path: string, bytes: number): void {
  const disk = smallDiskOf(path);
  if (disk && disk.free < bytes)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
      path,
    });
}

type Call = (...args: unknown[]) => Promise<unknown>;
const calls = fs.promises as unknown as Record<string, Call>;

for (const name of ['link', 'rename', 'copyFile', 'symlink']) {
  const real = calls[name]!;
  calls[name] = async (...args) => {
    refuse(name, args[0], args[1]);
    return await real(...args);
  };
}
for (const name of ['mkdir', 'lstat']) {
  const real = calls[name]!;
  calls[name] = async (...args) => {
    refuse(name, args[0]);
    return await real(...args);
  };
}
const { statfs, open } = calls as { statfs: Call; open: Call };
calls.statfs = async (...args) => {
  const actual = (await statfs(...args)) as { bsize: number; bavail: number };
  const free = faultOf('statfs', args[0])?.free ?? smallDiskOf(String(args[0]))?.free;
  return free === undefined ? actual : { ...actual, bavail: Math.floor(free / actual.bsize) };
};
calls.open = async (...args) => {
  refuse('open', args[0]);
  const handle = (await open(...args)) as Record<string, Call>;
  for (const name of ['write', 'writeFile', 'sync', 'datasync']) {
    const real = handle[name]!.bind(handle);
    handle[name] = async (...given) => {
      refuse(name.startsWith('write') ? 'write' : 'sync', args[0]);
      if (name === 'write') refuseBeyond(String(args[0]), given[2] as number);
      return await real(...given);
    };
  }
  return handle;
};
syncBuiltinESMExports();
