/**
 * access.ts: what lets a person into the dashboard besides a password: a one-time link and the cookie that it sets. Both are signed with
 * the password file, so that whoever can read it, like the command line, can make a link without asking the scheduler, and nobody else
 * can. Sessions survive a restart; deleting the password file or setting another password in config.json ends them all.
 */
import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { Environment } from '../config/index.js';
import { ownPassword, passwordFile } from './password-file.js';
import { makeToken, readToken } from './tokens.js';
import { spend } from './used-links.js';

const linkMs = 3_600_000;
export const sessionSeconds = 30 * 24 * 3600;

/** The dashboard's password, one-time links and sessions. */
export class DashboardAccess {
  private readonly file: string;
  private readonly usedLinks: string;

  /** `configured`: the password from config.json, in plain text or as a hash; null: the one in the file counts. */
  constructor(
    env: Environment,
    readonly configured: string | null,
    private readonly now: () => number = Date.now,
  ) {
    this.file = passwordFile(env);
    this.usedLinks = join(env.appdata, 'dashboard.used-links');
  }

  /**
   * The one in the file, whatever config.json says. Read each time, as deleting the file is how to change it. Throws a PersonError if the
   * file cannot be used.
   */
  get own(): string {
    return ownPassword(this.file);
  }

  /** The password in force, in plain text or as a hash. */
  get password(): string {
    return this.configured ?? this.own;
  }

  /** Path and query of a link that works once, within an hour. */
  makeLink(): string {
    return `/?token=${makeToken(this.key, 'link', this.now() + linkMs)}`;
  }

  /** Whether a link's token is valid; it works once. */
  redeem(token: string): boolean {
    const now = this.now();
    const link = readToken(this.key, 'link', token, now);
    return link !== undefined && spend(this.usedLinks, link, now);
  }

  makeSession(): string {
    return makeToken(this.key, 'session', this.now() + sessionSeconds * 1000);
  }

  isSession(value: string): boolean {
    return readToken(this.key, 'session', value, this.now()) !== undefined;
  }

  /** Different for each archive, as cookies do not distinguish the ports of a host. */
  get cookieName(): string {
    return `tgsync_${createHash('sha256').update(this.file).digest('hex').slice(0, 12)}`;
  }

  private get key(): string {
    return createHmac('sha256', this.own)
      .update(this.configured ?? '')
      .digest('hex');
  }
}
