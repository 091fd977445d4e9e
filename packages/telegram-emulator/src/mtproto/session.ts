/**
 * session.ts: an MTProto session of one key: which messages arrived, which were answered, which answers await an ack.
 * All of it is bounded: what falls out of a window is reported as unknown, as the real server does.
 */
import { randomBytes } from 'node:crypto';
import type { Connection } from '../connection.js';
import { Gathering } from './gathering.js';

const RECEIVED_KEPT = 1024;
const SENT_KEPT = 256;
const SENT_BYTES_KEPT = 4 << 20;

/** A message from the client. */
export interface Received {
  readonly msgId: bigint;
  readonly seqNo: number;
  /** Whether it is a call that is still running. */
  running: boolean;
  /** Whether the client no longer wants the answer. */
  dropped: boolean;
  /** The answer's message id, once there is one. */
  answer: bigint | undefined;
  /** Whether it was a call that ended with an error. */
  failed: boolean;
  /** Called when the call ends, for `invokeAfterMsg`. */
  waiting: (() => void)[];
}

/** A message of the server, ready to be sent, or sent again. */
export interface Sent {
  readonly msgId: bigint;
  readonly seqNo: number;
  /** The body with room for the header before it and the padding after it. */
  readonly plain: Buffer;
  readonly length: number;
}

export class Session {
  uniqueId = randomBytes(8).readBigInt64LE(0);
  /** Where its messages go: the connection used last. */
  connection: Connection | undefined;
  /** Whether the client was told about this session. */
  announced = false;
  /** Grows with each call that makes its connection receive updates; 0 if there was none. The highest of a login counts. */
  wantsUpdates = 0;
  /** Answers held back to be sent together. */
  readonly gathering = new Gathering();
  readonly #received = new Map<bigint, Received>();
  /** The same, in ascending order of message id. */
  #order: Received[] = [];
  #forgotten = 0n;
  /** Messages that the client has not acknowledged. */
  readonly unacked = new Map<bigint, Sent>();
  #unackedBytes = 0;
  #contentSent = 0;

  constructor(readonly id: bigint) {}

  /** Becomes another session to its client, as if the server had lost it. */
  renew(): void {
    this.uniqueId = randomBytes(8).readBigInt64LE(0);
  }

  received(msgId: bigint): Received | undefined {
    return this.#received.get(msgId);
  }

  /** The highest message id so far. */
  get newest(): bigint {
    return this.#order.at(-1)?.msgId ?? 0n;
  }

  /** Ids at or below this one are too old to be known. */
  get forgotten(): bigint {
    return this.#forgotten;
  }

  /** The messages with the next lower and the next higher id. */
  neighbours(msgId: bigint): { before: Received | undefined; after: Received | undefined } {
    let at = this.#order.length;
    while (at > 0 && this.#order[at - 1]!.msgId > msgId) at--;
    return { before: this.#order[at - 1], after: this.#order[at] };
  }

  /** Records a message that passed all checks. */
  accept(msgId: bigint, seqNo: number): Received {
    const message: Received = {
      msgId,
      seqNo,
      running: false,
      dropped: false,
      answer: undefined,
      failed: false,
      waiting: [],
    };
    this.#received.set(msgId, message);
    let at = this.#order.length;
    while (at > 0 && this.#order[at - 1]!.msgId > msgId) at--;
    this.#order.splice(at, 0, message);
    if (this.#order.length > 2 * RECEIVED_KEPT) {
      for (const old of this.#order.slice(0, RECEIVED_KEPT)) {
        this.#received.delete(old.msgId);
        this.#forgotten = old.msgId;
      }
      this.#order = this.#order.slice(RECEIVED_KEPT);
    }
    return message;
  }

  /** The seqno of the server's next message. */
  nextSeqNo(contentRelated: boolean): number {
    const seqNo = this.#contentSent * 2 + (contentRelated ? 1 : 0);
    if (contentRelated) this.#contentSent++;
    return seqNo;
  }

  /** Keeps a message until it is acknowledged; when there are too many, the oldest is dropped. */
  keep(message: Sent): void {
    this.unacked.set(message.msgId, message);
    this.#unackedBytes += message.length;
    for (const oldest of this.unacked.values()) {
      if (this.unacked.size <= SENT_KEPT && this.#unackedBytes <= SENT_BYTES_KEPT) break;
      this.acknowledge(oldest.msgId);
    }
  }

  /** Drops a message that the client has received. */
  acknowledge(msgId: bigint): void {
    const message = this.unacked.get(msgId);
    if (!message) return;
    this.unacked.delete(msgId);
    this.#unackedBytes -= message.length;
  }
}
