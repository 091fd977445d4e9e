/**
 * outbox.ts: turns answers into messages of a session, and messages into packets.
 * What needs an ack is kept until it is acknowledged; small messages sent together share a container.
 */
import type { Connection } from '../connection.js';
import { HEADER, seal } from '../crypto/message-key.js';
import { TlWriter } from '../tl/writer.js';
import type { AuthKey } from './auth-key.js';
import { CONTAINER } from './container.js';
import type { Sent, Session } from './session.js';

/** The most bytes of padding that {@link seal} adds. */
const PADDING = 28;
const CONTAINER_LIMIT = 1 << 16;
/** The most bytes that a container holds. */
const CONTAINER_MOST = 1 << 20;

/** A writer for a body, with room reserved before and after. */
export const bodyWriter = (capacity?: number): TlWriter => new TlWriter(HEADER, capacity);

/** Hands out server message ids: by time, ascending; 1 mod 4 for answers, 3 mod 4 for the rest. */
export class MessageIds {
  #last = 0n;

  constructor(private readonly now: () => number) {}

  next(isAnswer: boolean): bigint {
    const ms = this.now();
    const seconds = Math.floor(ms / 1000);
    const fraction = Math.floor(((ms - seconds * 1000) / 1000) * 0x3fffffff);
    let id = (BigInt(seconds) << 32n) | (BigInt(fraction) << 2n);
    if (id <= this.#last) id = this.#last + 4n;
    this.#last = id;
    return id + (isAnswer ? 1n : 3n);
  }
}

/** Collects the messages that result from one client packet. */
export class Outbox {
  readonly #messages: Sent[] = [];
  /** Whether large messages share the container, too. */
  inOneContainer = false;
  /** Whether the connection is closed after the last message. */
  hangsUp = false;

  constructor(
    private readonly key: AuthKey,
    readonly session: Session,
    private readonly ids: MessageIds,
    private readonly now: () => number,
  ) {}

  /** Adds a message and returns its id. */
  add(body: TlWriter, options: { content: boolean; isAnswer: boolean }): bigint {
    const msgId = this.ids.next(options.isAnswer);
    const message = {
      msgId,
      seqNo: this.session.nextSeqNo(options.content),
      plain: body.withTail(PADDING),
      length: body.length,
    };
    if (options.content) this.session.keep(message);
    this.#messages.push(message);
    return msgId;
  }

  /** Adds a message that was sent before. */
  again(message: Sent): void {
    this.#messages.push(message);
  }

  /** Sends everything; without an open connection it waits in the session. */
  flush(connection: Connection): void {
    const limit = this.inOneContainer ? CONTAINER_MOST : CONTAINER_LIMIT;
    const [small, large]: [Sent[], Sent[]] = [[], []];
    let left = CONTAINER_MOST;
    for (const message of this.#messages.splice(0)) {
      const fits = message.length < limit && message.length + 16 <= left;
      (fits ? small : large).push(message);
      if (fits) left -= message.length + 16;
    }
    if (small.length > 1) this.#send(connection, this.#container(small));
    else for (const message of small) this.#send(connection, message);
    for (const message of large) this.#send(connection, message);
    if (this.hangsUp) connection.hangUp();
  }

  #container(messages: Sent[]): Sent {
    const body = bodyWriter(messages.reduce((sum, it) => sum + it.length + 16, 8) + PADDING);
    body.id(CONTAINER).int(messages.length);
    for (const { msgId, seqNo, length, plain } of messages)
      body
        .long(msgId)
        .int(seqNo)
        .int(length)
        .raw(plain.subarray(HEADER, HEADER + length));
    const msgId = this.ids.next(true);
    return { msgId, seqNo: this.session.nextSeqNo(false), plain: body.withTail(PADDING), length: body.length };
  }

  #send(connection: Connection, { msgId, seqNo, plain, length }: Sent): void {
    if (!connection.isOpen) return;
    plain.writeBigInt64LE(this.key.salt(Math.floor(this.now() / 1000)), 0);
    plain.writeBigInt64LE(this.session.id, 8);
    plain.writeBigInt64LE(msgId, 16);
    plain.writeInt32LE(seqNo, 24);
    plain.writeInt32LE(length, 28);
    connection.send(seal(this.key.value, this.key.id, plain, HEADER + length, 'server'));
  }
}
