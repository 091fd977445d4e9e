/**
 * session-rule.ts: detects a login used over two connections in turn, which Telegram punishes by ending the login.
 * A, then B, then A again is parallel use. A and then only B is a reconnect, and fine.
 */
import type { Endpoint } from './connection.js';
import type { Authorization } from './logins.js';

/** What a fresh connection may call while another one is in use, since it neither reads nor changes anything of the account. */
const SETUP = new Set([
  'help.getConfig',
  'help.getNearestDc',
  'help.getCdnConfig',
  'auth.importAuthorization',
  'auth.bindTempAuthKey',
]);

/** Whether a method may be sent over any number of connections, and does not make one the main one. */
export const isForAnyConnection = (method: string): boolean => method.startsWith('upload.') || SETUP.has(method);

interface Use {
  current: number;
  /** Connections that were used before the current one. */
  readonly former: Set<number>;
}

export class SessionRule {
  /** By login and data centre, since each data centre applies the rule by itself. */
  readonly #uses = new Map<Authorization, Map<number, Use>>();

  /** Records a call; true if it breaks the rule. */
  breaks(authorization: Authorization, endpoint: Endpoint, connectionId: number, method: string): boolean {
    if (endpoint.mediaOnly || isForAnyConnection(method)) return false;
    const byDc = this.#uses.get(authorization) ?? new Map<number, Use>();
    this.#uses.set(authorization, byDc);
    const use = byDc.get(endpoint.dc);
    if (!use) {
      byDc.set(endpoint.dc, { current: connectionId, former: new Set() });
      return false;
    }
    if (use.current === connectionId) return false;
    if (use.former.has(connectionId)) return true;
    use.former.add(use.current);
    use.current = connectionId;
    return false;
  }

  /** Forgets a closed connection, which cannot be used again. */
  closed(connectionId: number): void {
    for (const byDc of this.#uses.values()) for (const use of byDc.values()) use.former.delete(connectionId);
  }

  /** Forgets a login that ended. */
  forget(authorization: Authorization): void {
    this.#uses.delete(authorization);
  }
}
