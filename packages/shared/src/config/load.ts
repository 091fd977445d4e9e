/** load.ts: reads config.json from the person's folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'jsonc-parser';
import { PersonError } from '../errors/index.js';
import { type Environment, placeOfPath } from './environment.js';
import { parseConfig } from './parse.js';
import { type Config, normalDatabaseUrl } from './schema.js';

export function configFile(env: Environment): string {
  return join(env.appdata, 'config.json');
}

export function loadConfig(env: Environment): Config {
  const file = configFile(env);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new PersonError(`${file} cannot be read: ${message}. May this user read it?`);
    throw new PersonError(`There is no ${file}. Run \`tgsync login\`: it makes one and asks for what it needs.`);
  }
  return parseConfig(text, file, { dashboard: env.dashboard });
}

/** The database of this archive; refuses when there is neither db.url nor an embedded Postgres. */
export function databaseUrlOf(config: Config, env: Environment): string {
  const url = config.db.url ?? env.databaseUrl;
  if (url) return url;
  throw new PersonError('No database: set db.url in config.json, or run `npm start`, which brings one.');
}

const lookMs = 1000;

/** Waits until config.json is there and right; `problem` is told whenever what is wrong changes. */
export async function awaitConfig(
  env: Environment,
  problem: (text: string) => void,
  signal?: AbortSignal,
): Promise<Config> {
  for (let told = ''; ;) {
    try {
      return loadConfig(env);
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      if (error.message !== told) problem(error.message);
      told = error.message;
    }
    await sleep(lookMs, undefined, { signal });
  }
}

/** The database even of a config.json that is wrong elsewhere; undefined: it cannot be told. */
export function databaseUrlAnyway(env: Environment): string | undefined {
  try {
    const value = parse(readFileSync(configFile(env), 'utf8'), [], { allowTrailingComma: true }) as
      { db?: { url?: unknown } } | undefined;
    return typeof value?.db?.url === 'string' ? normalDatabaseUrl(value.db.url) : env.databaseUrl;
  } catch {
    return env.databaseUrl;
  }
}

/** The log's settings, with its folder where it really is. */
export function logSettings({ log }: Config, env: Environment): { level: string; dir: string | null } {
  return { level: log.level, dir: log.dir === null ? null : placeOfPath(log.dir, env) };
}
