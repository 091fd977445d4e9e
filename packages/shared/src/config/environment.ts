/** environment.ts: the only place that reads process.env. The environment says where things are, config.json what is wanted. */
import { isAbsolute, join, relative, resolve } from 'node:path';
import { PersonError } from '../errors/index.js';
import { isPostgresUrl, normalDatabaseUrl } from './postgres-url.js';

/** From the fastest to the slowest. */
export const ciphers = ['native', 'wasm', 'javascript'] as const;
export type Cipher = (typeof ciphers)[number];

export interface Environment {
  /** The person's folders; paths in config.json that begin with /appdata, /media or /temp refer to them. */
  appdata: string;
  media: string;
  temp: string;
  /** Those that nobody chose, so that config.json may. */
  defaultFolders?: readonly ('media' | 'temp')[];
  /** Where an embedded Postgres keeps its data. */
  data: string;
  /** Used when config.json has no db.url: the embedded Postgres that `npm start` runs. */
  databaseUrl: string | undefined;
  /** Absent: the queues are in Postgres. */
  redisUrl: string | undefined;
  /** How the person runs the command line if not through npm: in a container. */
  calledAs?: string;
  /** Which implementation encrypts what is exchanged with Telegram; absent: the fastest that works here. */
  cipher?: Cipher;
  /** The port where an app without a page serves /healthz and /readyz; absent: nowhere. */
  healthPort?: number;
  /** Overrides `dashboard` in config.json: in a container only whoever publishes the port knows these. */
  dashboard?: { host?: string; port?: number };
  /** The URL at which people open the dashboard, if it is not where it listens: a published port, a proxy. */
  dashboardUrl?: string;
  /** The address of the machine at which the dashboard's port is published, if it is not where it listens. */
  dashboardBind?: string;
}

/** Reads the environment. Throws a PersonError that names the variable but never its value, which may contain a password. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const data = resolve(env.TGSYNC_DATA || 'data'); // compose turns an unset variable into an empty one
  return {
    data,
    appdata: resolve(env.TGSYNC_APPDATA || join(data, 'appdata')),
    media: resolve(env.TGSYNC_MEDIA || join(data, 'media')),
    temp: resolve(env.TGSYNC_TEMP || join(data, 'temp')),
    databaseUrl: databaseUrlIn(env),
    redisUrl: redisUrlIn(env),
    ...defaultFoldersOf(env),
    ...(env.TGSYNC_CALLED_AS ? { calledAs: env.TGSYNC_CALLED_AS } : {}),
    ...(env.TGSYNC_CIPHER ? { cipher: cipherIn(env.TGSYNC_CIPHER) } : {}),
    ...(env.TGSYNC_HEALTH_PORT ? { healthPort: portIn(env, 'TGSYNC_HEALTH_PORT') } : {}),
    ...dashboardOf(env),
    ...(env.TGSYNC_DASHBOARD_BIND ? { dashboardBind: env.TGSYNC_DASHBOARD_BIND } : {}),
    ...(env.TGSYNC_DASHBOARD_URL ? { dashboardUrl: dashboardUrlIn(env.TGSYNC_DASHBOARD_URL) } : {}),
  };
}

function defaultFoldersOf(env: NodeJS.ProcessEnv): Pick<Environment, 'defaultFolders'> {
  const unset = (['media', 'temp'] as const).filter((it) => !env[`TGSYNC_${it.toUpperCase()}`]);
  return unset.length > 0 ? { defaultFolders: unset } : {};
}

function cipherIn(given: string): Cipher {
  const known = ciphers.find((it) => it === given);
  if (known) return known;
  throw new PersonError(`The environment variable TGSYNC_CIPHER must be one of ${ciphers.join(', ')}.`);
}

function dashboardOf(env: NodeJS.ProcessEnv): Pick<Environment, 'dashboard'> {
  const dashboard = {
    ...(env.TGSYNC_DASHBOARD_HOST ? { host: env.TGSYNC_DASHBOARD_HOST } : {}),
    ...(env.TGSYNC_DASHBOARD_PORT ? { port: portIn(env, 'TGSYNC_DASHBOARD_PORT') } : {}),
  };
  return Object.keys(dashboard).length > 0 ? { dashboard } : {};
}

function portIn(env: NodeJS.ProcessEnv, variable: string): number {
  const port = Number(env[variable]);
  if (/^\d{1,5}$/.test(env[variable]!) && port <= 65_535) return port;
  throw new PersonError(`The environment variable ${variable} must be a port number from 0 to 65535.`);
}

function dashboardUrlIn(given: string): string {
  if (/^https?:\/\/[^/?#@\s]+\/?$/.test(given) && isAddress(given)) return given.replace(/\/$/, '');
  throw new PersonError('The environment variable TGSYNC_DASHBOARD_URL must be a URL such as http://127.0.0.1:3000.');
}

const quoting = 'with special characters in the password percent-encoded (%40 for @)';

function databaseUrlIn({ TGSYNC_DATABASE_URL: given }: NodeJS.ProcessEnv): string | undefined {
  if (!given) return undefined;
  const url = normalDatabaseUrl(given);
  if (isPostgresUrl(url)) return url;
  throw new PersonError(
    `The environment variable TGSYNC_DATABASE_URL must be postgresql://user:password@host:5432/database, ${quoting}.`,
  );
}

/** A URL, or the path of a socket. */
function redisUrlIn({ REDIS_URL: given }: NodeJS.ProcessEnv): string | undefined {
  if (!given) return undefined;
  const isSocket = /^(unix:\/\/(:[^/?#@]*@)?)?\/[^?#]+$/.test(given);
  if (isSocket || (/^rediss?:\/\/[^/?#]+(\/\d*)?(\?[^#]*)?$/.test(given) && isAddress(given))) return given;
  throw new PersonError(
    `The environment variable REDIS_URL must be redis://user:password@host:6379, ${quoting}, or unix:///path/to/the/socket.`,
  );
}

/** Whether it can be parsed: special characters in its password must be percent-encoded. */
export function isAddress(text: string): boolean {
  try {
    const { hostname, username, password, pathname } = new URL(text);
    for (const it of [username, password, pathname]) decodeURIComponent(it);
    return hostname !== '';
  } catch {
    return false;
  }
}

/** The environment for a child process that has to find the same places. */
export function writeEnvironment(it: Environment): Record<string, string> {
  return {
    TGSYNC_DATA: it.data,
    TGSYNC_APPDATA: it.appdata,
    // A default follows from TGSYNC_DATA; as a variable it would look chosen.
    ...(it.defaultFolders?.includes('media') ? {} : { TGSYNC_MEDIA: it.media }),
    ...(it.defaultFolders?.includes('temp') ? {} : { TGSYNC_TEMP: it.temp }),
    ...(it.databaseUrl ? { TGSYNC_DATABASE_URL: it.databaseUrl } : {}),
    ...(it.redisUrl ? { REDIS_URL: it.redisUrl } : {}),
    ...(it.calledAs === undefined ? {} : { TGSYNC_CALLED_AS: it.calledAs }),
    ...(it.cipher ? { TGSYNC_CIPHER: it.cipher } : {}),
    ...(it.healthPort === undefined ? {} : { TGSYNC_HEALTH_PORT: String(it.healthPort) }),
    ...(it.dashboard?.host === undefined ? {} : { TGSYNC_DASHBOARD_HOST: it.dashboard.host }),
    ...(it.dashboard?.port === undefined ? {} : { TGSYNC_DASHBOARD_PORT: String(it.dashboard.port) }),
    ...(it.dashboardUrl === undefined ? {} : { TGSYNC_DASHBOARD_URL: it.dashboardUrl }),
  };
}

/** Resolves a path from config.json. */
export function placeOfPath(path: string, env: Environment): string {
  for (const [name, folder] of [
    ['/appdata', env.appdata],
    ['/media', env.media],
    ['/temp', env.temp],
  ] as const) {
    if (path === name || path.startsWith(`${name}/`)) return join(folder, relative(name, path));
  }
  return isAbsolute(path) ? path : join(env.appdata, path);
}
