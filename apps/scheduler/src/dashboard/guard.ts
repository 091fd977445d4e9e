/**
 * guard.ts: pages of other hosts get nothing from the dashboard: a name that is made to point here (DNS rebinding) is refused,
 * and so is a change that another page asks for with the person's own browser. The deciding is pure.
 */
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';

/** The names that are ours: `host` where it listens, and `hosts` that config.json adds. */
export interface OwnNames {
  host: string;
  hosts: readonly string[];
}

export interface Asked {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  /** Sec-Fetch-Site: what the browser itself says about who asks. */
  site: string | undefined;
}

export interface Refusal {
  status: 403 | 421;
  reason: string;
}

export function refusalOf({ method, host, origin, site }: Asked, own: OwnNames): Refusal | undefined {
  const name = nameOf(host);
  if (name === undefined || !isOwn(name, own)) {
    const remedy = name === undefined ? '' : ` If it is: put "${name}" into dashboard.hosts of config.json.`;
    return { status: 421, reason: `This name is not known to be that of the dashboard.${remedy}` };
  }
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return foreign();
  if (origin !== undefined && !isSameOrigin(origin, host!, own)) return foreign();
  return undefined;
}

function foreign(): Refusal {
  const remedy = 'Behind a proxy: put the name that your browser shows into dashboard.hosts of config.json.';
  return { status: 403, reason: `Another page asked for this. ${remedy}` };
}

/** The name in a Host header, without its port; undefined: it has none, or is no such header. */
function nameOf(host: string | undefined): string | undefined {
  if (!host || !/^[\w.:[\]-]+$/.test(host)) return undefined;
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

/** A rebound name is a name: it is no IP literal, and browsers never ask a server for a loopback name. */
function isOwn(name: string, own: OwnNames): boolean {
  const isLiteral = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  return isLiteral || name === 'localhost' || name.endsWith('.localhost') || isNamed(name, own);
}

function isNamed(name: string, { host, hosts }: OwnNames): boolean {
  return [host, ...hosts].some((it) => it.toLowerCase() === name);
}

/** The page's host is that of the request; or, behind a proxy that asks by another name, one that the person named. */
function isSameOrigin(origin: string, host: string, own: OwnNames): boolean {
  let url: URL;
  try {
    url = new URL(origin);
    if (url.host === new URL(`${url.protocol}//${host}`).host) return true;
  } catch {
    return false; // `null` too
  }
  return own.hosts.some((it) => it.toLowerCase() === url.hostname);
}

export function againstForeigners(own: OwnNames): MiddlewareHandler {
  return async (context, next) => {
    const header = (name: string) => context.req.header(name);
    const refusal = refusalOf(
      { method: context.req.method, host: header('host'), origin: header('origin'), site: header('sec-fetch-site') },
      own,
    );
    if (refusal) return context.text(`${refusal.reason}\n`, refusal.status);
    return await next();
  };
}
