/** load.ts: reads config.json from the person's folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'jsonc-parser';
import { PersonError } from '../errors/index.js';
import { type Environment, placeOfPath } from './environment.js';
import { parseConfig } from './parse.js';
import { type Config, normalDatabaseUrl, passwordSchema } from './schema.js';

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

/** Waits until config.json is there and right; `problem` is told whenever what is wrong changes. `check` may want more of it. */
export async function awaitConfig(
  env: Environment,
  problem: (text: string) => void,
  { signal, check }: { signal?: AbortSignal; check?: (config: Config) => void } = {},
): Promise<Config> {
  for (let told = ''; ;) {
    try {
      const config = loadConfig(env);
      check?.(config);
      return config;
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      if (error.message !== told) problem(error.message);
      told = error.message;
    }
    await sleep(lookMs, undefined, signal && { signal });
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

/** What is asked for before the dashboard shows anything, in plain words or as a hash; null: nothing. */
export function dashboardPassword({ dashboard }: Config, env: Environment): string | null {
  if (dashboard.password_file === null) return dashboard.password;
  const file = placeOfPath(dashboard.password_file, env);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new PersonError(`dashboard.password_file: ${file} cannot be read: ${(error as Error).message}`);
  }
  const { error } = passwordSchema.safeParse(text);
  if (!error) return text;
  throw new PersonError(`dashboard.password_file: ${file}: ${error.issues[0]!.message}`);
}

/** The log's settings, with its folder where it really is. */
export function logSettings({ log }: Config, env: Environment): { level: string; dir: string | null } {
  return { level: log.level, dir: log.dir === null ? null : placeOfPath(log.dir, env) };
}
