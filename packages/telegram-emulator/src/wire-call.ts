/**
 * wire-call.ts: a call with everything the wire knows about it, for the services that handle keys and logins.
 */
import type { Connection } from './connection.js';
import type { AuthKey } from './mtproto/auth-key.js';
import type { Session } from './mtproto/session.js';
import type { Call, Handler, Service } from './service.js';

/** What the dispatcher actually passes to a handler. */
export interface WireCall extends Call {
  readonly key: AuthKey;
  readonly session: Session;
  readonly connection: Connection;
  readonly msgId: bigint;
  /** Whether it came inside `initConnection`. */
  readonly inited: boolean;
}

/** A service whose handlers see the wire. */
export const wireService = (handlers: Readonly<Record<string, (call: WireCall) => unknown>>): Service =>
  Object.fromEntries(
    Object.entries(handlers).map(([method, handle]): [string, Handler] => [method, (call) => handle(call as WireCall)]),
  );
