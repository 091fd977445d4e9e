/**
 * environment.ts: the one place that reads process.env. The environment says where things are, config.json what is wanted.
 */
import { isAbsolute, join, relative, resolve } from 'node:path';

export interface Environment {
  /** The person's folders; a path in config.json that begins with /appdata, /media or /temp means these. */
  appdata: string;
  media: string;
  temp: string;
  /** Where an embedded Postgres keeps its data. */
  data: string;
  /** Used when config.json has no db.url: the embedded Postgres that `npm start` runs. */
  databaseUrl: string | undefined;
  /** Absent: the queues live in Postgres. */
  redisUrl: string | undefined;
  /** How a person calls the command line where that is not npm: in a container. */
  calledAs?: string;
  /** Where an app without a page serves /healthz and /readyz; absent: nowhere. */
  healthPort?: number;
  /** What config.json's `dashboard` gives way to: in a container only who publishes the port knows these. */
  dashboard?: { host?: string; port?: number; trust_network?: boolean };
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const data = resolve(env.TGSYNC_DATA || 'data'); // an empty variable is what compose makes of one that is not set
  return {
    data,
    appdata: resolve(env.TGSYNC_APPDATA || join(data, 'appdata')),
    media: resolve(env.TGSYNC_MEDIA || join(data, 'media')),
    temp: resolve(env.TGSYNC_TEMP || join(data, 'temp')),
    databaseUrl: env.TGSYNC_DATABASE_URL || undefined,
    redisUrl: env.REDIS_URL || undefined,
    ...(env.TGSYNC_CALLED_AS ? { calledAs: env.TGSYNC_CALLED_AS } : {}),
    ...(env.TGSYNC_HEALTH_PORT ? { healthPort: Number(env.TGSYNC_HEALTH_PORT) } : {}),
    ...dashboardOf(env),
  };
}

function dashboardOf(env: NodeJS.ProcessEnv): Pick<Environment, 'dashboard'> {
  const dashboard = {
    ...(env.TGSYNC_DASHBOARD_HOST ? { host: env.TGSYNC_DASHBOARD_HOST } : {}),
    ...(env.TGSYNC_DASHBOARD_PORT ? { port: Number(env.TGSYNC_DASHBOARD_PORT) } : {}),
    ...(env.TGSYNC_DASHBOARD_TRUST_NETWORK ? { trust_network: isYes(env.TGSYNC_DASHBOARD_TRUST_NETWORK) } : {}),
  };
  return Object.keys(dashboard).length > 0 ? { dashboard } : {};
}

const isYes = (text: string) => /^(1|true|yes)$/i.test(text);

/** The environment of a child process that shall find the same places. */
export function writeEnvironment(it: Environment): Record<string, string> {
  return {
    TGSYNC_DATA: it.data,
    TGSYNC_APPDATA: it.appdata,
    TGSYNC_MEDIA: it.media,
    TGSYNC_TEMP: it.temp,
    ...(it.databaseUrl ? { TGSYNC_DATABASE_URL: it.databaseUrl } : {}),
    ...(it.redisUrl ? { REDIS_URL: it.redisUrl } : {}),
    ...(it.calledAs === undefined ? {} : { TGSYNC_CALLED_AS: it.calledAs }),
    ...(it.healthPort === undefined ? {} : { TGSYNC_HEALTH_PORT: String(it.healthPort) }),
    ...(it.dashboard?.host === undefined ? {} : { TGSYNC_DASHBOARD_HOST: it.dashboard.host }),
    ...(it.dashboard?.port === undefined ? {} : { TGSYNC_DASHBOARD_PORT: String(it.dashboard.port) }),
    ...(it.dashboard?.trust_network === undefined
      ? {}
      : { TGSYNC_DASHBOARD_TRUST_NETWORK: String(it.dashboard.trust_network) }),
  };
}

/** Where a path of config.json really is. */
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
