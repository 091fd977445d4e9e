/**
 * calls.ts: runs the API calls of a session: decoding, `invokeAfterMsg`, the dispatcher and encoding the answer.
 * Every call gets exactly one answer, unless a fault or `rpc_drop_answer` says otherwise.
 */
import { type Counting, count } from '../counters.js';
import { CDN_DC } from '../data-centres.js';
import { type Delivery, ORDINARY } from '../delivery.js';
import type { Answer, Dispatcher, Outcome } from '../dispatcher.js';
import { RpcError } from '../service.js';
import { isForAnyConnection } from '../session-rule.js';
import { objectById } from '../tl/by-id.js';
import { TlError } from '../tl/error.js';
import type { Layers } from '../tl/layers.js';
import type { Schema } from '../tl/schema.js';
import type { TlObject } from '../tl/value.js';
import type { TlWriter } from '../tl/writer.js';
import { UnknownMethod, type Unwrapped, unwrap } from '../unwrap.js';
import type { WireCall } from '../wire-call.js';
import type { Reader } from '../world/shown.js';
import { Answers } from './answers.js';
import type { ClientInfo } from './auth-key.js';
import { type Context, type Incoming, reply } from './context.js';
import { bodyWriter } from './outbox.js';
import type { Received } from './session.js';

export interface CallDeps {
  readonly layers: Layers;
  readonly dispatcher: Dispatcher;
  readonly counting: Counting;
  readonly log: (line: string) => void;
  /** Changes an answer to what this client gets to see. */
  readonly shown: (reader: Reader, value: unknown) => unknown;
  /** Called when a key's client or layer has changed. */
  readonly onKeyChange: () => void;
  /** A fresh outbox for an answer sent later. */
  readonly later: (context: Context) => Context;
}

export class Calls {
  readonly #answers: Answers;
  #calls = 0;

  constructor(private readonly deps: CallDeps) {
    this.#answers = new Answers(deps.counting, deps.log, deps.shown);
  }

  /** Runs a call. Its answer goes into the outbox at once, or is sent later if it takes time. */
  run(context: Context, incoming: Incoming, received: Received): void {
    let call: Unwrapped;
    try {
      call = this.#decode(context, incoming);
    } catch (error) {
      this.#finish(context, received, undefined, this.#refused(error));
      return;
    }
    received.running = true;
    const outcome = this.#after(context, call, incoming);
    if (!(outcome instanceof Promise)) {
      this.#finish(context, received, call, outcome);
      return;
    }
    context.acks.push(incoming.msgId);
    void outcome.then((it) => {
      const later = this.deps.later(context);
      this.#finish(later, received, call, it);
      later.outbox.flush(later.session.connection ?? later.connection);
    });
  }

  /** Puts updates into the outbox, once the client has named its layer. */
  push({ key, outbox }: Context, updates: TlObject): void {
    const { layer } = key;
    const schema = layer === undefined ? undefined : this.deps.layers.get(layer);
    const body = schema && this.#answers.encodeUpdates({ schema, layer: layer! }, updates);
    if (body) outbox.add(body, { content: true, isAnswer: false });
  }

  #decode({ key }: Context, { body }: Incoming): Unwrapped {
    const call = unwrap(body, this.deps.layers, key.layer);
    // The CDN accepts no wrappers but invokeWithLayer and initConnection (core.telegram.org/cdn).
    if (key.dc === CDN_DC && (call.after.length > 0 || call.withoutUpdates || call.takeoutId !== undefined))
      throw new RpcError(400, 'CDN_METHOD_INVALID');
    // It comes before the client names its layer, as the key has no identity yet.
    if (call.query._ === 'auth.bindTempAuthKey') return call;
    if (call.init && !((call.init['api_id'] as number) > 0)) throw new RpcError(400, 'API_ID_INVALID');
    if (call.layer === undefined) throw new RpcError(400, 'CONNECTION_LAYER_INVALID');
    if (!key.client && !call.init) throw new RpcError(400, 'CONNECTION_NOT_INITED');
    const client = call.init ? clientInfo(call.init) : key.client;
    if (call.layer !== key.layer || JSON.stringify(client) !== JSON.stringify(key.client)) {
      key.layer = call.layer;
      key.client = client;
      this.deps.onKeyChange();
    }
    if (call.takeoutId !== undefined && !key.authorization?.takeouts.has(call.takeoutId))
      throw new RpcError(400, 'TAKEOUT_INVALID');
    return call;
  }

  #refused(error: unknown): Outcome {
    const { counting, log } = this.deps;
    if (error instanceof RpcError)
      return { kind: 'error', code: error.code, message: error.message, delivery: ORDINARY };
    if (error instanceof UnknownMethod) {
      count(counting.now.unknownMethods, error.message);
      log(`unknown method ${error.message}`);
      return { kind: 'error', code: 400, message: `INPUT_METHOD_INVALID: ${error.message}`, delivery: ORDINARY };
    }
    // A RangeError is a stack overflow from deeply nested objects.
    if (!(error instanceof TlError || error instanceof RangeError)) throw error;
    count(counting.now.protocol, 'undecodable call');
    log(`undecodable call: ${error.message}`);
    return { kind: 'error', code: 400, message: `INPUT_FETCH_ERROR: ${error.message}`, delivery: ORDINARY };
  }

  #after(context: Context, call: Unwrapped, { msgId }: Incoming): Outcome | Promise<Outcome> {
    const failed: Outcome = { kind: 'error', code: 400, message: 'MSG_WAIT_FAILED', delivery: ORDINARY };
    const before = call.after.map((id) => context.session.received(id));
    if (before.some((it) => !it || it.failed)) return failed;
    const running = before.filter((it) => it!.running) as Received[];
    if (running.length === 0) return this.#dispatch(context, call, msgId);
    const ended = running.map((it) => new Promise<void>((resolve) => it.waiting.push(resolve)));
    return Promise.all(ended).then(() =>
      running.some((it) => it.failed) ? failed : this.#dispatch(context, call, msgId),
    );
  }

  #dispatch({ key, session, connection, now }: Context, call: Unwrapped, msgId: bigint): Outcome | Promise<Outcome> {
    const { authorization } = key;
    if (authorization?.state === 'alive') authorization.active = Math.floor(now() / 1000);
    const { mediaOnly } = connection.endpoint;
    if (!mediaOnly && !call.withoutUpdates && !isForAnyConnection(call.query._)) session.wantsUpdates = ++this.#calls;
    const wireCall: WireCall = {
      query: call.query,
      layer: call.layer ?? this.deps.layers.base,
      dc: connection.endpoint.dc,
      mediaOnly,
      login: authorization?.state === 'alive' ? authorization : undefined,
      key,
      session,
      connection,
      msgId,
      inited: call.init !== undefined,
    };
    return this.deps.dispatcher.dispatch(wireCall);
  }

  #finish(context: Context, received: Received, call: Unwrapped | undefined, outcome: Outcome): void {
    if (outcome.kind === 'stall') {
      context.acks.push(received.msgId);
      return; // it never ends
    }
    received.running = false;
    received.failed = outcome.kind !== 'result';
    if (outcome.kind === 'drop') context.connection.destroy();
    else if (outcome.kind === 'wrong-salt') this.#refuseSalt(context, received);
    else if (!received.dropped) this.#answer(context, received, call, outcome);
    for (const wake of received.waiting.splice(0)) wake();
  }

  #answer(context: Context, received: Received, call: Unwrapped | undefined, outcome: Answer): void {
    const { delivery } = outcome;
    const body = this.#answers.encode(received.msgId, call, outcome);
    const late = (): void => {
      const later = this.deps.later(context);
      this.#deliver(later);
      later.outbox.flush(later.session.connection ?? later.connection);
    };
    const isError = outcome.kind === 'error';
    if (context.session.gathering.add({ received, body, isError, delivery }, late)) this.#deliver(context);
    else context.acks.push(received.msgId);
  }

  /** Moves the ready answers into the outbox. */
  #deliver({ key, session, outbox, now }: Context): void {
    const ready = session.gathering.take();
    for (const { received, body, delivery } of ready) {
      const { unsolicited, hangUp } = delivery;
      const schema = this.deps.layers.get(key.layer ?? this.deps.layers.base)!;
      const other =
        unsolicited &&
        (() =>
          outbox.add(unsolicitedBody(schema, unsolicited, Math.floor(now() / 1000)), {
            content: true,
            isAnswer: false,
          }));
      if (unsolicited?.where !== 'last') other?.();
      for (let copy = 0; copy < delivery.copies; copy++)
        received.answer = outbox.add(body, { content: true, isAnswer: true });
      if (unsolicited?.where === 'last') other?.();
      if (unsolicited || ready.length > 1) outbox.inOneContainer = true;
      if (hangUp) outbox.hangsUp = true;
    }
  }

  #refuseSalt(context: Context, { msgId, seqNo }: Received): void {
    context.key.renewSalts();
    count(this.deps.counting.now.protocol, 'bad_server_salt');
    const new_server_salt = context.key.salt(Math.floor(context.now() / 1000));
    reply(context, { _: 'bad_server_salt', bad_msg_id: msgId, bad_msg_seqno: seqNo, error_code: 48, new_server_salt });
  }
}

/** Something that no layer knows: a message, or an update in a message. */
function unsolicitedBody(
  schema: Schema,
  { what, ...id }: NonNullable<Delivery['unsolicited']>,
  date: number,
): TlWriter {
  const unknown = objectById(id);
  return bodyWriter(128).object(schema, what === 'message' ? unknown : { _: 'updateShort', update: unknown, date });
}

const clientInfo = (init: TlObject): ClientInfo => ({
  apiId: init['api_id'] as number,
  deviceModel: init['device_model'] as string,
  systemVersion: init['system_version'] as string,
  appVersion: init['app_version'] as string,
});
