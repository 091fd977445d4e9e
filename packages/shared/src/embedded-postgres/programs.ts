/**
 * programs.ts: initdb, postgres and pg_ctl: the data folder is created completely or not at all, and its password is never where others
 * can read it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileLock } from '../file-lock/index.js';
import { cleanEnvironment, type Place } from './place.js';

export const superuser = 'tgsync';

/** Creates the data folder under another name and renames it: a killed initdb leaves nothing that looks complete. */
export function initialise(place: Place, passwordFile: string, lock: FileLock): void {
  const password = randomBytes(18).toString('base64url');
  const partial = `${place.data}.new`;
  const handover = handoverFolder(place); // the user that initdb runs as may not be able to read the password file itself
  const pwfile = join(handover, 'password');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(pwfile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (place.runAs) for (const it of [partial, handover, pwfile]) chownSync(it, place.runAs.uid, place.runAs.gid);
    const args = ['-D', partial, '-U', superuser, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'];
    const result = spawnSync(join(place.bin, 'initdb'), [...args, `--pwfile=${pwfile}`], {
      ...place.runAs,
      cwd: '/',
      env: cleanEnvironment(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', lock.fd], // initdb continues if we are killed, and nobody may start another one meanwhile
    });
    if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr || String(result.error)}`);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    renameSync(partial, place.data);
  } finally {
    rmSync(handover, { recursive: true, force: true });
  }
}

/** A folder beside the data that nobody else can guess or enter; those left by killed runs are removed. */
function handoverFolder(place: Place): string {
  const [parent, prefix] = [dirname(place.data), `${basename(place.data)}.initdb-`];
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent))
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true });
  return mkdtempSync(join(parent, prefix));
}

export function startServer(
  place: Place,
  port: number,
  settings: Readonly<Record<string, string>>,
  log: string,
): ChildProcess {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200', ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const out = openSync(log, 'a', 0o600);
  // Detached: Ctrl-C reaches the whole process group, and the database must outlive those that still write to it.
  const server = spawn(join(place.bin, 'postgres'), ['-D', place.data, '-p', String(port), ...args], {
    ...place.runAs,
    cwd: '/',
    env: cleanEnvironment(),
    detached: true,
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  server.unref();
  return server;
}

/** Stops the server with all its connections, and waits until it is down. */
export async function stopServer(place: Place): Promise<void> {
  const ctl = spawn(join(place.bin, 'pg_ctl'), ['stop', '-D', place.data, '-m', 'fast', '-w', '-t', '60'], {
    ...place.runAs,
    cwd: '/',
    env: cleanEnvironment(),
    stdio: 'ignore',
  });
  await once(ctl, 'exit');
}
