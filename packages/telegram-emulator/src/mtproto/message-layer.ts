/**
 * message-layer.ts: from packets to messages: the envelope, the session, and every check that a server makes on them.
 * A message that fails a check gets its error code and is never handled.
 */
import type { Connection } from '../connection.js';
import { type Counting, count } from '../counters.js';
import { HEADER, open } from '../crypto/message-key.js';
import { TlError } from '../tl/error.js';
import { mtproto } from '../tl/layers.js';
import { TlReader } from '../tl/reader.js';
import type { TlObject } from '../tl/value.js';
import { GZIP, gunzip } from '../unwrap.js';
import type { AuthKey } from './auth-key.js';
import { Calls, type CallDeps } from './calls.js';
import { checkSequence, checkTime } from './check.js';
import { type Context, type Incoming, reply } from './context.js';
import { CONTAINER, containedIn } from './container.js';
import { MessageIds, Outbox } from './outbox.js';
import { answerService, relevanceOf } from './service-messages.js';
import { Session } from './session.js';

/** How many sessions of a key are kept without a connection, as their clients may come back. */
const CLOSED_SESSIONS_KEPT = 8;

export interface MessageLayerDeps extends Omit<CallDeps, 'later'> {
  readonly findKey: (dc: number, keyId: Buffer) => AuthKey | undefined;
  readonly forgetKey: (key: AuthKey) => void;
  readonly counting: Counting;
  readonly now: () => number;
}

export class MessageLayer {
  readonly #ids: MessageIds;
  readonly #calls: Calls;

  constructor(private readonly deps: MessageLayerDeps) {
    this.#ids = new MessageIds(deps.now);
    this.#calls = new Calls({ ...deps, later: (it) => this.#context(it.connection, it.key, it.session) });
  }

  #context(connection: Connection, key: AuthKey, session: Session): Context {
    const outbox = new Outbox(key, session, this.#ids, this.deps.now);
    return { connection, key, session, outbox, acks: [], now: this.deps.now };
  }

  /** Processes one encrypted packet. */
  receive(connection: Connection, payload: Buffer): void {
    const key = this.deps.findKey(connection.endpoint.dc, payload.subarray(0, 8));
    if (!key) return this.#hangUp(connection, 'unknown key');
    const plain = open(key.value, payload.subarray(8), 'client');
    if (!plain) return this.#hangUp(connection, 'msg_key');
    const length = plain.readUInt32LE(28);
    const padding = plain.length - HEADER - length;
    if (length < 4 || length % 4 !== 0 || padding < 12 || padding > 1024) return this.#hangUp(connection, 'padding');
    const session = this.#session(key, plain.readBigInt64LE(8));
    const context = this.#context(connection, key, session);
    const lost = session.connection && !session.connection.isOpen ? [...session.unacked.values()] : [];
    session.connection = connection;
    const msgId = plain.readBigInt64LE(16);
    const seqNo = plain.readInt32LE(24);
    const code = checkTime(msgId, this.deps.now());
    if (code !== undefined) this.#refuse(context, msgId, seqNo, code);
    else if (!key.accepts(plain.readBigInt64LE(0), this.#seconds)) this.#refuseSalt(context, msgId, seqNo);
    else this.#take(context, { msgId, seqNo, body: plain.subarray(HEADER, HEADER + length) });
    for (const message of lost) if (session.unacked.has(message.msgId)) context.outbox.again(message);
    if (context.acks.length > 0) reply(context, { _: 'msgs_ack', msg_ids: context.acks });
    context.outbox.flush(connection);
  }

  /** Sends updates to a session; without a connection they wait for the next one. */
  push({ key, session }: { key: AuthKey; session: Session }, updates: TlObject): void {
    const { connection } = session;
    if (!connection) return;
    const context = this.#context(connection, key, session);
    this.#calls.push(context, updates);
    context.outbox.flush(connection);
  }

  /** Tells a client that its session is a new one, as if the server had lost the former; updates may have been lost, too. */
  renewSession({ key, session }: { key: AuthKey; session: Session }): void {
    const { connection } = session;
    if (!connection) return;
    session.renew();
    const context = this.#context(connection, key, session);
    this.#announce(context, session.newest);
    context.outbox.flush(connection);
  }

  #announce(context: Context, firstMsgId: bigint): void {
    const { session } = context;
    const server_salt = context.key.salt(this.#seconds);
    const news = { _: 'new_session_created', first_msg_id: firstMsgId, unique_id: session.uniqueId, server_salt };
    reply(context, news, { content: true, isAnswer: false });
  }

  get #seconds(): number {
    return Math.floor(this.deps.now() / 1000);
  }

  #session(key: AuthKey, id: bigint): Session {
    const known = key.sessions.get(id);
    if (known) return known;
    const closed = [...key.sessions.values()].filter((it) => !it.connection?.isOpen);
    for (const it of closed.slice(0, -CLOSED_SESSIONS_KEPT)) key.sessions.delete(it.id);
    const session = new Session(id);
    key.sessions.set(id, session);
    return session;
  }

  #hangUp(connection: Connection, why: string): void {
    count(this.deps.counting.now.protocol, why);
    connection.refuse(404);
  }

  #refuse(context: Context, msgId: bigint, seqNo: number, code: number): void {
    count(this.deps.counting.now.protocol, `bad_msg_notification ${code}`);
    reply(context, { _: 'bad_msg_notification', bad_msg_id: msgId, bad_msg_seqno: seqNo, error_code: code });
  }

  #refuseSalt(context: Context, msgId: bigint, seqNo: number): void {
    count(this.deps.counting.now.protocol, 'bad_server_salt');
    const new_server_salt = context.key.salt(this.#seconds);
    reply(context, { _: 'bad_server_salt', bad_msg_id: msgId, bad_msg_seqno: seqNo, error_code: 48, new_server_salt });
  }

  /** Processes a single message or a container. */
  #take(context: Context, message: Incoming): void {
    const body = this.#unpacked(context, message);
    if (!body) return;
    if (body.readUInt32LE(0) !== CONTAINER) return this.#handle(context, { ...message, body });
    const { msgId, seqNo } = message;
    if (context.session.received(msgId)) return this.#refuse(context, msgId, seqNo, 19);
    const parts = containedIn(body, msgId);
    const code = parts ? checkSequence(msgId, seqNo, 'silent', context.session) : 64;
    if (code !== undefined) return this.#refuse(context, msgId, seqNo, code);
    for (const part of parts!) {
      const early = checkTime(part.msgId, this.deps.now());
      const inner = early === undefined ? this.#unpacked(context, part) : undefined;
      if (early !== undefined) this.#refuse(context, part.msgId, part.seqNo, early);
      else if (inner) this.#handle(context, { ...part, body: inner });
    }
    context.session.accept(msgId, seqNo);
  }

  #unpacked(context: Context, { msgId, seqNo, body }: Incoming): Buffer | undefined {
    try {
      const unpacked = body.readUInt32LE(0) === GZIP ? gunzip(new TlReader(body.subarray(4)).bytes()) : body;
      if (unpacked.length >= 4) return unpacked;
    } catch (error) {
      if (!(error instanceof TlError)) throw error;
      this.deps.log(error.message);
    }
    this.#refuse(context, msgId, seqNo, 64);
    return undefined;
  }

  #handle(context: Context, message: Incoming): void {
    const { session } = context;
    const { msgId, seqNo, body } = message;
    const repeated = session.received(msgId);
    if (repeated) {
      const answer = repeated.answer === undefined ? undefined : session.unacked.get(repeated.answer);
      if (answer) context.outbox.again(answer);
      else context.acks.push(msgId);
      return;
    }
    const id = body.readUInt32LE(0);
    const relevance = id === CONTAINER ? 'silent' : relevanceOf(id);
    const code = id === CONTAINER ? 64 : checkSequence(msgId, seqNo, relevance ?? 'content', session);
    if (code !== undefined) return this.#refuse(context, msgId, seqNo, code);
    const received = session.accept(msgId, seqNo);
    if (!session.announced) {
      session.announced = true;
      this.#announce(context, msgId);
    }
    if (relevance) this.#service(context, message);
    else this.#calls.run(context, message, received);
  }

  #service(context: Context, message: Incoming): void {
    try {
      const object = new TlReader(message.body).object(mtproto);
      if (object._ === 'destroy_auth_key') {
        this.deps.forgetKey(context.key);
        reply(context, { _: 'destroy_auth_key_ok' });
      } else if (!answerService(context, message, object)) this.deps.log(`a client sent ${object._}`);
    } catch (error) {
      if (!(error instanceof TlError)) throw error;
      count(this.deps.counting.now.protocol, 'undecodable service message');
      this.deps.log(`undecodable service message: ${error.message}`);
    }
  }
}
