/**
 * sessions.ts: the account's logins on this disk. The first is the file of tg.session; `tgsync login --add` puts more beside it
 * (`tgsync.2.session`, …), so that several fetch workers can read in parallel, each with its own login.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type Config, type Environment, placeOfPath } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import { keyName } from './key-name.js';
import { type FoundRequest, readLoginRequest, removeLoginRequest, writeLoginRequest } from './login-request.js';
import {
  isUnsealed,
  keyOf,
  readSession,
  removeSession,
  type Session,
  type SessionFileOptions,
  writeSession,
} from './session-file.js';

/** By our own clock; Telegram itself rejects a token that is too old. */
const requestMs = 60_000;

/** The session files of an archive, by login number. Methods throw a PersonError for a file that cannot be used. */
export class Sessions {
  private readonly first: string;
  private readonly options: SessionFileOptions;
  private readonly problems = new Map<number, string>();

  constructor(config: Config, env: Environment, onDamaged?: (message: string) => void) {
    this.first = placeOfPath(config.tg.session, env);
    const reported = new Set<string>();
    const reportOnce = (message: string) => {
      if (reported.size < reported.add(message).size) onDamaged?.(message);
    };
    this.options = { key: passphrase(config, env), onDamaged: reportOnce };
  }

  /** The numbers of the existing logins, starting with 1. */
  get numbers(): number[] {
    const [folder, ending] = [dirname(this.first), extname(this.first)];
    const stem = basename(this.first, ending);
    if (!existsSync(folder)) return [];
    const numbers = readdirSync(folder).flatMap((name) => {
      const plain = name.replace(/\.bak$/, ''); // a damaged file may be missing altogether
      if (plain === basename(this.first)) return [1];
      const [, middle] =
        plain.startsWith(stem) && plain.endsWith(ending)
          ? (/^\.(\d{1,4})$/.exec(plain.slice(stem.length, plain.length - ending.length)) ?? [])
          : [];
      return middle !== undefined && Number(middle) > 1 ? [Number(middle)] : [];
    });
    return [...new Set(numbers)].sort((a, b) => a - b);
  }

  file(number: number): string {
    if (number === 1) return this.first;
    const ending = extname(this.first);
    return join(dirname(this.first), `${basename(this.first, ending)}.${number}${ending}`);
  }

  /** Where a new login asks for approval, see login-request.ts. */
  get requestFile(): string {
    return `${this.first}.request`;
  }

  /** Writes a request for approval. Throws a PersonError with the reason if it would not be accepted. */
  request(token: string): void {
    writeLoginRequest(this.requestFile, { token, expiresAt: Date.now() + requestMs });
    const found = this.requested();
    if (found && 'request' in found) return;
    this.endRequest();
    throw new PersonError(
      `${this.requestFile} cannot be used to request a login: ${found?.problem ?? 'it disappeared at once'}. ` +
        'Run `tgsync login --add` as the user who owns the first login.',
    );
  }

  requested(): FoundRequest | undefined {
    return readLoginRequest(this.requestFile, this.first, Date.now());
  }

  endRequest(): void {
    removeLoginRequest(this.requestFile);
  }

  read(number: number): Session | undefined {
    return readSession(this.file(number), this.options);
  }

  /** Like `read`, but returns undefined for a file that cannot be read; `problem` then says why. */
  readIfGood(number: number): Session | undefined {
    try {
      const session = this.read(number);
      this.problems.delete(number);
      return session;
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      this.problems.set(number, error.message);
      return undefined;
    }
  }

  /** What is wrong with the file that was read last. */
  get problem(): string | undefined {
    return [...this.problems.values()][0];
  }

  write(number: number, session: Session): void {
    writeSession(this.file(number), session, this.options);
  }

  remove(number: number): void {
    removeSession(this.file(number));
  }

  /** Whether a passphrase is set but this file is not encrypted with it yet. */
  lacksSeal(number: number): boolean {
    return this.options.key !== null && isUnsealed(this.file(number));
  }

  /** The first login with a key for a data centre that was not refused. */
  withKey(dcId: number, refused: ReadonlySet<string>): { session: Session; key: Buffer } | undefined {
    for (const number of this.numbers) {
      const session = this.readIfGood(number);
      const key = session && keyOf(session, dcId);
      if (session && key && !refused.has(keyName(key))) return { session, key };
    }
    return undefined;
  }
}

function passphrase({ tg }: Config, env: Environment): string | null {
  if (tg.session_key_file === null) return tg.session_key;
  const file = placeOfPath(tg.session_key_file, env);
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (text.length >= 8) return text;
  } catch (error) {
    throw new PersonError(`tg.session_key_file: ${file} cannot be read: ${(error as Error).message}`);
  }
  throw new PersonError(`tg.session_key_file: ${file} must contain at least 8 characters.`);
}
