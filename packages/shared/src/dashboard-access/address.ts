/** address.ts: the URL at which people open the dashboard. Pure. */
import { isIPv6 } from 'node:net';
import type { Config, Environment } from '../config/index.js';

/** A page that listens on all addresses is opened on this machine. */
export function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (/^\[?[0:]*::[0:]*\]?$/.test(host)) return `http://[::1]:${port}`;
  const name = isIPv6(host) ? `[${host.replace(/%.*$/, '')}]` : host;
  return `http://${name}:${port}`;
}

/** undefined: on a port that only the scheduler's log gives. */
export function dashboardUrl({ dashboard: { host, port } }: Config, env: Environment): string | undefined {
  return env.dashboardUrl ?? (port === 0 ? undefined : urlOf(host, port));
}
