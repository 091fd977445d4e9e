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
import { cleanEnvironment, type PostgresLocation } from './location.js';

export const superuser = 'tgsync';

/** Creates the data folder under another name and renames it: a killed initdb leaves nothing that looks complete. */
export function initialise(location: PostgresLocation, passwordFile: string, lock: FileLock): void {
  const password = randomBytes(18).toString('base64url');
  const partial = `${location.data}.new`;
  const handover = handoverFolder(location); // the user that initdb runs as may not be able to read the password file itself
  const pwfile = join(handover, 'password');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(pwfile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (location.runAs)
      for (const it of [partial, handover, pwfile]) chownSync(it, location.runAs.uid, location.runAs.gid);
    const args = ['-D', partial, '-U', superuser, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'];
    const result = spawnSync(join(location.bin, 'initdb'), [...args, `--pwfile=${pwfile}`], {
      ...location.runAs,
      cwd: '/',
      env: cleanEnvironment(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', lock.fd], // initdb continues if we are killed, and nobody may start another one meanwhile
    });
    if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr || String(result.error)}`);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    renameSync(partial, location.data);
  } finally {
    rmSync(handover, { recursive: true, force: true });
  }
}

/** A folder beside the data that nobody else can guess or enter; those left by killed runs are removed. */
function handoverFolder(location: PostgresLocation): string {
  const [parent, prefix] = [dirname(location.data), `${basename(location.data)}.initdb-`];
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent))
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true });
  return mkdtempSync(join(parent, prefix));
}

export function startServer(
  location: PostgresLocation,
  port: number,
  settings: Readonly<Record<string, string>>,
  log: string,
): ChildProcess {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200', ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const out = openSync(log, 'a', 0o600);
  // Detached: Ctrl-C reaches the whole process group, and the database must outlive those that still write to it.
  const server = spawn(join(location.bin, 'postgres'), ['-D', location.data, '-p', String(port), ...args], {
    ...location.runAs,
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
export async function stopServer(location: PostgresLocation): Promise<void> {
  const ctl = spawn(join(location.bin, 'pg_ctl'), ['stop', '-D', location.data, '-m', 'fast', '-w', '-t', '60'], {
    ...location.runAs,
    cwd: '/',
    env: cleanEnvironment(),
    stdio: 'ignore',
  });
  await once(ctl, 'exit');
}
