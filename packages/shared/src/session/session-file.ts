/**
 * session-file.ts: a login on disk: a key per data centre and their addresses. Mode 0600, written by write-then-rename with fsync, so
 * that it is either the old or the new one, never half of it. The previous one is kept beside it as `.bak`, in case the disk damages
 * this one. Its content never reaches a log.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { PersonError } from '../errors/index.js';
import { asSealed, seal, unseal } from './session-seal.js';

const sessionSchema = z.object({
  version: z.literal(1),
  /** The user that is logged in. */
  accountId: z.string().regex(/^\d+$/),
  homeDc: z.int(),
  /** Auth keys by data centre, as hex; all but the home one are authorised by an exported authorisation. */
  keys: z.record(z.string().regex(/^\d+$/), z.string().regex(/^[0-9a-f]{512}$/)),
  addresses: z.array(
    z.object({ dcId: z.int(), host: z.string(), port: z.int(), mediaOnly: z.boolean(), cdn: z.boolean().optional() }),
  ),
});

export type Session = z.output<typeof sessionSchema>;

export interface SessionFileOptions {
  /** The passphrase that encrypts the file; null: not encrypted. */
  key: string | null;
  /** Called when the file is damaged and its backup is used. */
  onDamaged?: (message: string) => void;
}

const plain: SessionFileOptions = { key: null };

/** Returns undefined if there is none yet. Throws a PersonError if it cannot be read or decrypted. */
export function readSession(file: string, options = plain): Session | undefined {
  const found = load(file, options);
  if (found.session) return found.session;
  const earlier = load(backupOf(file), options).session;
  if (earlier) {
    options.onDamaged?.(`The session file ${file} is damaged or missing; using its backup ${backupOf(file)}.`);
    return earlier;
  }
  if (found.problem === undefined) return undefined;
  throw new PersonError(remedies[found.problem](file));
}

export function writeSession(file: string, session: Session, options = plain): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    keepEarlier(file, options);
    put(file, session, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof PersonError) throw error;
    throw new PersonError(`The session file ${file} cannot be written (${code}). ${remedyOf(code)}`, { cause: error });
  }
}

/** Deletes a login's file and its backup. */
export function removeSession(file: string): void {
  for (const path of [file, backupOf(file), `${file}.new`]) rmSync(path, { force: true });
}

/** Whether the file is unencrypted although a passphrase is set: the next write encrypts it. */
export function isUnsealed(file: string): boolean {
  return asSealed(jsonOf(file)) === undefined;
}

/** The auth key of a data centre, 256 bytes; undefined if there is none. */
export function keyOf(session: Session, dcId: number): Buffer | undefined {
  const key = session.keys[dcId];
  return key ? Buffer.from(key, 'hex') : undefined;
}

function backupOf(file: string): string {
  return `${file}.bak`;
}

/** A valid file becomes the backup; a damaged one is put aside for inspection, never over a good backup. */
function keepEarlier(file: string, options: SessionFileOptions): void {
  const { session, problem } = load(file, options);
  if (session) return put(backupOf(file), session, options);
  if (problem === undefined) return;
  // A file that only needs another passphrase must not be replaced.
  if (problem !== 'damaged' && !load(backupOf(file), options).session) throw new PersonError(remedies[problem](file));
  renameSync(file, `${file}.damaged`);
}

type Problem = 'damaged' | 'sealed' | 'other key';

const remedies: Record<Problem, (file: string) => string> = {
  damaged: (file) =>
    `The session file ${file} is damaged. Move it away and run \`tgsync login\`; everything then continues where it left off.`,
  sealed: (file) =>
    `The session file ${file} is encrypted. Set tg.session_key (or tg.session_key_file) in config.json.`,
  'other key': (file) =>
    `The session file ${file} cannot be decrypted with this tg.session_key. Set the one it was encrypted with; if that is lost, ` +
    'move the file away and run `tgsync login`; everything then continues where it left off.',
};

/** Neither a session nor a problem: there is no such file. */
function load(file: string, { key }: SessionFileOptions): { session?: Session; problem?: Problem } {
  if (!existsSync(file)) return {};
  const value = jsonOf(file);
  const sealed = asSealed(value);
  if (sealed && key === null) return { problem: 'sealed' };
  const text = sealed && unseal(sealed, key!);
  if (sealed && text === undefined) return { problem: 'other key' };
  const session = sessionSchema.safeParse(text === undefined ? value : JSON.parse(text)).data;
  return session ? { session } : { problem: 'damaged' };
}

/** The file has the old or the new content at every moment, never half of it. */
function put(path: string, session: Session, { key }: SessionFileOptions): void {
  const text = JSON.stringify(session);
  const partial = `${path}.new`;
  rmSync(partial, { force: true });
  const out = openSync(partial, 'wx', 0o600);
  try {
    writeSync(out, `${key === null ? text : JSON.stringify(seal(text, key))}\n`);
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  renameSync(partial, path);
  flushFolder(dirname(path));
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || code === 'ENOENT') return undefined;
    throw new PersonError(`The session file ${file} cannot be read (${code}). ${remedyOf(code)}`);
  }
}

function remedyOf(code: string | undefined): string {
  if (['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(code ?? ''))
    return 'Something else is at the path given by tg.session. Move it away.';
  return 'Check the permissions and the free space there.';
}

/** Whether others may read what only its owner should. */
function isOpenToOthers(file: string): boolean {
  return existsSync(file) && (statSync(file).mode & 0o077) !== 0;
}

/** Makes it readable by its owner only; false: this disk has no permissions, or the file is another user's. */
export function makePrivate(file: string): boolean {
  try {
    chmodSync(file, 0o600);
    return !isOpenToOthers(file);
  } catch {
    return false;
  }
}

/** Without it a power cut may undo the rename. Not every system lets a folder be opened. */
function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
