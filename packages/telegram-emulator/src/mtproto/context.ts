/**
 * context.ts: what is needed while one client packet is processed.
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
  /** Messages to acknowledge separately, because no answer does. */
  readonly acks: bigint[];
  /** The server's clock, in milliseconds. */
  readonly now: () => number;
}

/** A client message taken out of its packet. */
export interface Incoming {
  readonly msgId: bigint;
  readonly seqNo: number;
  /** The object, already unzipped. */
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
