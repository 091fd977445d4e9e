/**
 * password-file.ts: the dashboard's generated password, kept in /appdata beside the session. Whoever can read that file has the archive
 * anyway; nobody else can guess it: 192 random bits. A new one is made when the file is deleted.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../config/index.js';
import { PersonError } from '../errors/index.js';

/** The path of the generated password. */
export function passwordFile(env: Environment): string {
  return join(env.appdata, 'dashboard.password');
}

/** Creates it if there is none. Throws a PersonError if it can be neither read nor created. */
export function ownPassword(file: string): string {
  let isNew = false;
  for (let attempt = 0; ; attempt++) {
    const found = inspect(file);
    if (found === undefined) isNew = make(file);
    else if ('problem' in found)
      throw new PersonError(`${file} ${found.problem}. Delete it; tgsync then makes a new one.`);
    else if (found.password === '' && attempt < 20)
      pause(); // whoever is creating it will have written it in a moment
    else if (found.password === '' || (found.isOpen && !isNew && close(file))) rmSync(file, { force: true });
    else return found.password;
  }
}

/** Reads the password without creating it; undefined: there is none, or none that counts. */
export function readOwnPassword(file: string): string | undefined {
  const found = inspect(file);
  return found && 'password' in found && found.password !== '' ? found.password : undefined;
}

/** `isOpen`: others could read or write it, so they may know it. An empty password: it is being written, or a crash cut it off. */
type Found = { password: string; isOpen: boolean } | { problem: string };

/** Refuses symbolic links, and pipes, which would block. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function inspect(file: string): Found | undefined {
  let handle: number;
  try {
    handle = openSync(file, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : { problem: `is not a regular file (${code})` };
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.nlink !== 1 || stat.size > 200) return { problem: 'was not made by tgsync' };
    if (!isOurs(stat.uid, file)) return { problem: `belongs to user ${stat.uid}, but tgsync runs as another user` };
    const password = readFileSync(handle, 'utf8').trim();
    if (!/^([\w-]{32})?$/.test(password)) return { problem: 'was edited (set your own password in config.json)' };
    return { password, isOpen: (stat.mode & 0o077) !== 0 };
  } finally {
    closeSync(handle);
  }
}

/** Root may read a file that belongs to the folder's owner. */
function isOurs(uid: number, file: string): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === user || (user === 0 && uid === statSync(dirname(file)).uid);
}

/** Removes others' access; false if the file system has no modes, so that whoever mounted it decided. */
function close(file: string): boolean {
  const handle = openSync(file, flags);
  try {
    fchmodSync(handle, 0o600);
    return (fstatSync(handle).mode & 0o077) === 0;
  } catch {
    return false;
  } finally {
    closeSync(handle);
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

/** false: somebody else has just created it. */
function make(file: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new PersonError(`Cannot write the dashboard password to ${file} (${code}). Check the folder's permissions.`);
  }
  try {
    writeSync(handle, `${randomBytes(24).toString('base64url')}\n`);
    // A command run as root must not leave a file that the folder's owner cannot open.
    const { uid, gid } = statSync(dirname(file));
    if (process.geteuid?.() === 0 && uid !== 0) fchownSync(handle, uid, gid);
    return true;
  } finally {
    closeSync(handle);
  }
}
