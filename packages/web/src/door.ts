/**
 * door.ts: admits a browser with a session cookie, a one-time link, or user and password. Whoever is asked for these is told how to get
 * them. The cookie is checked first, so that its owner never waits for other people's guesses.
 */
import { getConnInfo } from '@hono/node-server/conninfo';
import { isBasicAuth, type Logger } from '@tgsync/shared/app';
import { type DashboardAccess, sessionSeconds } from '@tgsync/shared/dashboard-access';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { auth } from 'hono/utils/basic-auth';
import { Gate, type Verdict } from './gate.js';
import { GuessLog } from './guess-log.js';
import { isForeign } from './guard.js';
import { page } from './pages.js';

export interface DoorDeps {
  access: DashboardAccess;
  log: Logger;
  /** How the person runs the command line here. */
  calledAs: string;
}

/** Middleware that admits a browser, or asks for a password. */
export class Door {
  private readonly gate: Gate;
  private readonly guesses: GuessLog;

  constructor(private readonly deps: DoorDeps) {
    this.gate = new Gate(() => deps.access.password);
    this.guesses = new GuessLog(deps.log);
  }

  /** A one-time link sets the cookie and redirects to `target`. Only a GET uses it up: link previews send HEAD. */
  link(target: string): MiddlewareHandler {
    return async (context, next) => {
      const token = context.req.query('token');
      if (token === undefined || context.req.method !== 'GET') return await next();
      const isIn = this.hasSession(context);
      if (!isIn && !this.deps.access.redeem(token))
        return page(context, 403, ['This link has already been used or has expired.', this.newLink]);
      if (!isIn) this.giveSession(context);
      context.header('cache-control', 'no-store');
      // A browser withholds the cookie throughout a navigation that another site started: a page of ours starts a new one.
      return isForeign(context)
        ? page(context, 200, ['You are logged in.'], { target })
        : context.redirect(target, 303);
    };
  }

  password(): MiddlewareHandler {
    return async (context, next) => {
      if (this.hasSession(context)) return await next();
      const verdict = await this.verdictOn(context);
      if (verdict === 'right') {
        if (context.req.header('sec-fetch-mode') === 'navigate') this.giveSession(context);
        return await next();
      }
      if (typeof verdict === 'object') return this.tooMany(context, verdict.retryAfterMs);
      context.header('www-authenticate', 'Basic realm="tgsync", charset="UTF-8"');
      return page(context, 401, this.directions);
    };
  }

  /** Whether the client may read the reasons as well. */
  async isInsider(context: Context): Promise<boolean> {
    if (this.hasSession(context)) return true;
    if (isForeign(context)) return false;
    if (isBasicAuth(context.req.header('authorization'), this.deps.access.own)) return true; // the container's own health check
    return (await this.verdictOn(context)) === 'right';
  }

  close(): void {
    this.guesses.end();
  }

  private hasSession(context: Context): boolean {
    const { access } = this.deps;
    const cookie = getCookie(context, access.cookieName);
    return cookie !== undefined && access.isSession(cookie);
  }

  private giveSession(context: Context): void {
    const { access } = this.deps;
    setCookie(context, access.cookieName, access.makeSession(), {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      maxAge: sessionSeconds,
    });
  }

  /** undefined: no user and password were sent. */
  private async verdictOn(context: Context): Promise<Verdict | undefined> {
    const given = auth(context.req.raw);
    if (!given) return undefined;
    const address = getConnInfo(context).remote.address ?? 'unknown';
    const verdict = await this.gate.admit(address, given.username, given.password);
    if (verdict !== 'right') this.guesses.wrong(address);
    return verdict;
  }

  private tooMany(context: Context, ms: number): Response | Promise<Response> {
    const seconds = Math.ceil(ms / 1000);
    context.header('retry-after', String(seconds));
    return page(context, 429, [`Too many wrong passwords. Wait ${seconds} s, then try again.`, this.newLink]);
  }

  private get directions(): string[] {
    const { access } = this.deps;
    const kept =
      access.configured === null ? 'in the file dashboard.password, beside config.json' : 'set in config.json';
    return ['The tgsync dashboard requires a password.', `The user is tgsync; the password is ${kept}.`, this.newLink];
  }

  private get newLink(): string {
    return `Or run \`${this.deps.calledAs} status\`, which prints a login link.`;
  }
}
