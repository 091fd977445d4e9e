/**
 * login-request.ts: the token of a new login that asks for approval, passed in a file beside the session. Only someone who can write
 * there, and so has the login anyway, can ask: others may be able to write to a queue, so a queue must never be able to grant a login.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { z } from 'zod';

const schema = z.object({
  /** As a QR code shows it, base64url. */
  token: z.base64url().max(1024),
  /** Milliseconds since 1970. */
  expiresAt: z.int(),
});

export type LoginRequest = z.output<typeof schema>;

/** More than any token needs. */
const mostBytes = 4096;

/** What this process wrote and has not removed yet. */
const written = new Set<string>();

function removeWritten(): void {
  for (const file of written) rmSync(file, { force: true });
}

/**
 * Replaces an older request with a new one. Anything else at that path is neither written to nor followed. The file is removed with this
 * process, even if that is ended at a prompt.
 */
export function writeLoginRequest(file: string, request: LoginRequest): void {
  if (!process.listeners('exit').includes(removeWritten)) process.on('exit', removeWritten);
  written.add(file);
  rmSync(file, { force: true });
  const out = openSync(file, 'wx', 0o600);
  try {
    writeSync(out, `${JSON.stringify(request)}\n`);
  } finally {
    closeSync(out);
  }
}

/** What is there: a request, or why it does not count. */
export type FoundRequest = { request: LoginRequest } | { problem: string };

/**
 * The pending request, if there is one. It counts only as a regular file of the session's owner that nobody else can write to, and until
 * it expires. If the session itself is open to others (on a disk without permissions), a request is no safer than that. `now`:
 * milliseconds since 1970.
 */
export function readLoginRequest(file: string, session: string, now: number): FoundRequest | undefined {
  let handle: number;
  try {
    // Neither a link to elsewhere nor a pipe without a writer.
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : { problem: `it is not a regular file (${code})` };
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.nlink !== 1 || stat.size > mostBytes) return { problem: 'it was not made by tgsync' };
    const login = statSync(session);
    if (stat.uid !== login.uid)
      return { problem: `it belongs to user ${stat.uid}, but the login to user ${login.uid}` };
    if ((stat.mode & 0o022) !== 0 && (login.mode & 0o077) === 0) return { problem: 'other users can write to it' };
    const request = parse(readFileSync(handle, 'utf8'));
    if (!request) return { problem: 'it contains no login token' };
    return request.expiresAt > now ? { request } : { problem: 'its token has expired' };
  } finally {
    closeSync(handle);
  }
}

export function removeLoginRequest(file: string): void {
  written.delete(file);
  rmSync(file, { force: true });
}

function parse(text: string): LoginRequest | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
