/**
 * fleet-process.ts: tells whether a process is an `npm start` on a data folder. An earlier version held no lock and left only its process
 * id, which another process may have by now. Works on Linux only.
 */
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

export function isFleetOn(data: string, pid: number): boolean {
  const args = textOf(pid, 'cmdline')?.split('\0') ?? []; // of a zombie it is empty
  const script = args.findIndex((it) => /(^|\/)(scripts\/run\.mjs|cli\/dist\/main\.js)$/.test(it));
  if (script < 1 || !basename(args[0]!).startsWith('node') || !args.includes('start', script)) return false;
  const theirs = dataOf(pid, args.slice(script));
  if (theirs === undefined) return true; // another user's process: better to refuse once too often
  return [theirs, join(theirs, 'demo')].some((it) => realPath(it) === realPath(data));
}

/** The folder it was told to use, resolved as the config module does. */
function dataOf(pid: number, args: readonly string[]): string | undefined {
  const environ = textOf(pid, 'environ')?.split('\0');
  const cwd = attempt(() => readlinkSync(`/proc/${pid}/cwd`));
  if (!environ || cwd === undefined) return undefined;
  const at = args.lastIndexOf('--data');
  const option = at < 0 ? args.findLast((it) => it.startsWith('--data='))?.slice('--data='.length) : args[at + 1];
  const variable = environ.find((it) => it.startsWith('TGSYNC_DATA='))?.slice('TGSYNC_DATA='.length);
  return resolve(cwd, option || variable || 'data');
}

function textOf(pid: number, name: string): string | undefined {
  return attempt(() => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
}

function realPath(path: string): string | undefined {
  return attempt(() => realpathSync(path));
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
