/**
 * disk-faults.ts: a disk that refuses on demand, below the store of a real process: loaded with `--import`, it puts faults
 * before the calls of node:fs/promises. For what no test can make a real disk do: quotas, link limits, read-only, no hard links.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export interface DiskFault {
  /** The call, such as `link` or `write`; `statfs` gets `free` instead of a refusal. */
  call: string;
  /** A part of the path; for calls with two of either, unless `dest` is a part of the second. */
  path: string;
  dest?: string;
  code?: string;
  /** Bytes that statfs tells. */
  free?: number;
}

/** Where the faults that are in force now are written. */
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
      (it.dest === undefined || String(second).includes(it.dest)),
  );
}

function refuse(call: string, ...paths: unknown[]): void {
  const fault = faultOf(call, ...paths);
  if (!fault?.code) return;
  const [path, dest] = paths.map(String);
  throw Object.assign(new Error(`${fault.code}: by demand, ${call} '${path}'`), {
    code: fault.code,
    syscall: call,
    path,
    ...(dest === undefined ? {} : { dest }),
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
const { mkdir, statfs, open } = calls as { mkdir: Call; statfs: Call; open: Call };
calls.mkdir = async (...args) => {
  refuse('mkdir', args[0]);
  return await mkdir(...args);
};
calls.statfs = async (...args) => {
  const told = (await statfs(...args)) as { bsize: number; bavail: number };
  const free = faultOf('statfs', args[0])?.free;
  return free === undefined ? told : { ...told, bavail: Math.floor(free / told.bsize) };
};
calls.open = async (...args) => {
  refuse('open', args[0]);
  const handle = (await open(...args)) as Record<string, Call>;
  for (const name of ['write', 'writeFile', 'sync', 'datasync']) {
    const real = handle[name]!.bind(handle);
    handle[name] = async (...given) => {
      refuse(name.startsWith('write') ? 'write' : 'sync', args[0]);
      return await real(...given);
    };
  }
  return handle;
};
syncBuiltinESMExports();
