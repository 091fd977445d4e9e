/** load.ts: reads config.json from the person's folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'jsonc-parser';
import { PersonError } from '../errors/index.js';
import { passwordSchema } from './dashboard.js';
import { type Environment, placeOfPath, readEnvironment } from './environment.js';
import { folderProblems } from './folders.js';
import { ConfigError, parseConfig } from './parse.js';
import { isPostgresUrl, normalDatabaseUrl, postgresOptions } from './postgres-url.js';
import { readText } from './read-text.js';
import type { Config } from './schema.js';

export function configFile(env: Environment): string {
  return join(env.appdata, 'config.json');
}

/** Reads and checks config.json. Throws a PersonError, or a ConfigError that lists all problems. */
export function loadConfig(env: Environment): Config {
  const file = configFile(env);
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    if (error instanceof PersonError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new PersonError(`${file} cannot be read: ${message}. Check its permissions.`);
    throw new PersonError(`${file} does not exist. Run \`tgsync login\`, which asks for everything and creates it.`);
  }
  const config = parseConfig(text, file, { dashboard: env.dashboard });
  const problems = folderProblems(config, env);
  if (problems.length > 0) throw new ConfigError(problems, file);
  return config;
}

/** The database URL of this archive. Throws a PersonError if there is neither db.url nor an embedded Postgres. */
export function databaseUrlOf(config: Config, env: Environment): string {
  const url = chosenUrl(config.db.url, env);
  if (url) return url;
  throw new PersonError('No database: set db.url in config.json, or run `npm start`, which includes one.');
}

/** db.url wins over the environment, unless it refers to docker compose's own Postgres: its containers know how to reach that. */
function chosenUrl(url: string | undefined, { databaseUrl }: Environment): string | undefined {
  if (url === undefined || databaseUrl === undefined) return url ?? databaseUrl;
  const isSocket = postgresOptions(databaseUrl).host?.startsWith('/');
  const { host, port = 5432, user, database } = postgresOptions(url);
  const isOwn = host === 'postgres' && port === 5432 && user === 'tgsync' && database === 'tgsync';
  return isSocket && isOwn ? databaseUrl : url;
}

/** tg.layer, for code that needs it before anything else is loaded; undefined: not set, or not readable yet. */
export function layerSetting(): number | undefined {
  try {
    const value = parse(readText(configFile(readEnvironment())), [], { allowTrailingComma: true }) as
      { tg?: { layer?: unknown } } | undefined;
    const layer = value?.tg?.layer;
    return typeof layer === 'number' ? layer : undefined;
  } catch {
    return undefined;
  }
}

const pollMs = 1000;

/**
 * Waits until config.json exists and is valid; `problem` is called whenever what is wrong with it changes. `check` may throw a
 * PersonError for further requirements.
 */
export async function awaitConfig(
  env: Environment,
  problem: (text: string) => void,
  { signal, check }: { signal?: AbortSignal; check?: (config: Config) => void } = {},
): Promise<Config> {
  for (let reported = ''; ;) {
    try {
      const config = loadConfig(env);
      check?.(config);
      return config;
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      if (error.message !== reported) problem(error.message);
      reported = error.message;
    }
    await sleep(pollMs, undefined, signal && { signal });
  }
}

/** The database URL, even if config.json has errors elsewhere; undefined: it cannot be determined. */
export function databaseUrlAnyway(env: Environment): string | undefined {
  try {
    const value = parse(readText(configFile(env)), [], { allowTrailingComma: true }) as
      { db?: { url?: unknown } } | undefined;
    const url = value?.db?.url;
    if (url === undefined) return env.databaseUrl;
    // An invalid db.url names no database, and no other one may be used instead.
    return typeof url === 'string' && isPostgresUrl(normalDatabaseUrl(url))
      ? chosenUrl(normalDatabaseUrl(url), env)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The dashboard password set in config.json, in plain text or as a hash; null: not set. Throws a PersonError if its file cannot be used.
 */
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

/** The log settings, with the folder resolved. */
export function logSettings(
  { log }: Config,
  env: Environment,
): { level: string; dir: string | null; format: Config['log']['format'] } {
  return { level: log.level, dir: log.dir === null ? null : placeOfPath(log.dir, env), format: log.format };
}
