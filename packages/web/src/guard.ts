/**
 * guard.ts: keeps other sites out of the dashboard. A foreign name that resolves to this host (DNS rebinding) is refused, and so is a
 * change that another site requests through the person's browser. The decision is pure. Nor can another site make that browser submit
 * passwords, and so use up the owner's tries.
 */
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { page } from './pages.js';

/** Our host names: `host` where it listens, and `hosts` from config.json. */
export interface OwnNames {
  host: string;
  hosts: readonly string[];
}

export interface Asked {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  /** Sec-Fetch-Site: what the browser itself says about the origin of the request. */
  site: string | undefined;
}

export interface Refusal {
  status: 403 | 421;
  reason: string;
}

export function refusalOf({ method, host, origin, site }: Asked, own: OwnNames): Refusal | undefined {
  const name = nameOf(host);
  if (name === undefined || !isOwn(name, own)) {
    const remedy =
      name === undefined ? '' : ` If this is your dashboard, add "${name}" to dashboard.hosts in config.json.`;
    return { status: 421, reason: `Unknown host name.${remedy}` };
  }
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (isElsewhere(site)) return foreign();
  if (origin !== undefined && !isSameOrigin(origin, host!, own)) return foreign();
  return undefined;
}

const isElsewhere = (site: string | undefined) => site !== undefined && site !== 'same-origin' && site !== 'none';

/** Whether the browser says that another site makes the request. */
export function isForeign(context: Context): boolean {
  return isElsewhere(context.req.header('sec-fetch-site'));
}

/**
 * For pages opened by a link or script on another site: repeats the request from a page of our own, before any password from that address
 * or the browser's memory is checked. Anything but a page (an image, a script) is refused.
 */
export function fromOurPageOnly(board: string): MiddlewareHandler {
  return async (context, next) => {
    if (!isForeign(context)) return await next();
    const isPage = ['navigate', undefined].includes(context.req.header('sec-fetch-mode'));
    if (!isPage) return context.text(`${foreign().reason}\n`, 403);
    const { pathname, search } = new URL(context.req.url);
    const target = pathname.startsWith(board) ? pathname + search : board;
    return page(context, 200, ['This request came from another site.'], { target });
  };
}

function foreign(): Refusal {
  const remedy = 'If you use a proxy, add the host name that your browser shows to dashboard.hosts in config.json.';
  return { status: 403, reason: `This request came from another site. ${remedy}` };
}

/** The name in a Host header, without its port; undefined: missing or invalid. */
function nameOf(host: string | undefined): string | undefined {
  if (!host || !/^[\w.:[\]-]+$/.test(host)) return undefined;
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

/** A rebound name is never an IP literal, and browsers never ask a name server for a loopback name. */
function isOwn(name: string, own: OwnNames): boolean {
  const isLiteral = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  return isLiteral || name === 'localhost' || name.endsWith('.localhost') || isNamed(name, own);
}

function isNamed(name: string, { host, hosts }: OwnNames): boolean {
  return [host, ...hosts].some((it) => it.toLowerCase() === name);
}

/** The page's host equals the request's or, behind a proxy that uses another name, is one from config.json. */
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

export function sameOriginOnly(own: OwnNames): MiddlewareHandler {
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
