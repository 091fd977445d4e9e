/**
 * context.ts: what belongs together while one packet of a client is worked through.
 */
import type { Connection } from '../connection.js';
import { mtproto } from '../tl/layers.js';
import type { TlObject } from '../tl/value.js';
import type { AuthKey } from './auth-key.js';
import { type Outbox, bodyWriter } from './outbox.js';
import type { Session } from './session.js';

export interface Context {
  readonly connection: Connection;
  readonly key: AuthKey;
  readonly session: Session;
  readonly outbox: Outbox;
  /** Messages to acknowledge, because no answer does it. */
  readonly acks: bigint[];
  /** The server's clock, in milliseconds. */
  readonly now: () => number;
}

/** A message of a client, cut out of its packet. */
export interface Incoming {
  readonly msgId: bigint;
  readonly seqNo: number;
  /** The object, no longer gzipped. */
  readonly body: Buffer;
}

/** Sends a service message. */
export function reply(
  context: Context,
  object: TlObject,
  options: { content?: boolean; isAnswer?: boolean } = {},
): void {
  const { content = false, isAnswer = true } = options;
  context.outbox.add(bodyWriter(128).object(mtproto, object), { content, isAnswer });
}
