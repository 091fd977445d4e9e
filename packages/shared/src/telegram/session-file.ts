/**
 * session-file.ts: the login on disk: a key per data centre and where they listen. Mode 0600, written by
 * write-then-rename with fsync, so that it is the old one or the new one, never half; its content never reaches a log.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { PersonError } from '../errors/index.js';

const sessionSchema = z.object({
  version: z.literal(1),
  /** The user that is logged in. */
  accountId: z.string().regex(/^\d+$/),
  homeDc: z.int(),
  /** Auth keys by data centre, as hex; those but home's are authorised by an exported authorisation. */
  keys: z.record(z.string().regex(/^\d+$/), z.string().regex(/^[0-9a-f]{512}$/)),
  addresses: z.array(
    z.object({ dcId: z.int(), host: z.string(), port: z.int(), mediaOnly: z.boolean(), cdn: z.boolean().optional() }),
  ),
});

export type Session = z.output<typeof sessionSchema>;

export function hasSession(file: string): boolean {
  return existsSync(file);
}

/** Undefined when there is none yet. */
export function readSession(file: string): Session | undefined {
  if (!existsSync(file)) return undefined;
  let parsed: Session | undefined;
  try {
    parsed = sessionSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (parsed) return parsed;
  throw new PersonError(
    `The session file ${file} is damaged. Move it away and run \`tgsync login\`: all goes on where it was.`,
  );
}

export function writeSession(file: string, session: Session): void {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.new`;
  const out = openSync(partial, 'w', 0o600);
  try {
    writeSync(out, `${JSON.stringify(session)}\n`);
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  renameSync(partial, file);
  syncFolder(dirname(file));
}

/** Without it the rename may be lost with the power. Not every system lets a folder be opened. */
function syncFolder(folder: string): void {
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

export function keyOf(session: Session, dcId: number): Buffer | undefined {
  const key = session.keys[dcId];
  return key ? Buffer.from(key, 'hex') : undefined;
}
