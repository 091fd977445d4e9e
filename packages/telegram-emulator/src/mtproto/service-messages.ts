/**
 * service-messages.ts: answers MTProto's own messages (pings, acks, states, salts, sessions), which belong to no API layer.
 */
import { mtproto } from '../tl/layers.js';
import type { TlObject } from '../tl/value.js';
import type { Relevance } from './check.js';
import { type Context, type Incoming, reply } from './context.js';
import { bodyWriter } from './outbox.js';

export const RPC_RESULT = 0xf35c6d01;

/** Messages that are not content-related: they are not acknowledged, and their seqno is even. */
const SILENT = new Set(['msgs_ack', 'msgs_state_info', 'msgs_all_info', 'http_wait']);

/**
 * Which seqno a service message needs; undefined if the id is not a service message's.
 * The documentation wants acknowledgements even, but clients that number them odd are served, too.
 */
export const relevanceOf = (id: number): Relevance | undefined => (mtproto.byId.has(id) ? 'either' : undefined);

/** Answers a service message; false for one that only servers send. */
export function answerService(context: Context, { msgId, seqNo }: Incoming, message: TlObject): boolean {
  const { session, key, connection, now } = context;
  const ids = (message['msg_ids'] ?? []) as bigint[];
  switch (message._) {
    case 'msgs_ack':
      for (const id of ids) session.acknowledge(id);
      return true;
    case 'ping':
    case 'ping_delay_disconnect':
      if (message._ === 'ping_delay_disconnect') connection.closeIn(message['disconnect_delay'] as number);
      reply(context, { _: 'pong', msg_id: msgId, ping_id: message['ping_id'] });
      return true;
    case 'get_future_salts': {
      const seconds = Math.floor(now() / 1000);
      const salts = key.salts(seconds, Math.max(1, Math.min(64, message['num'] as number)));
      reply(context, {
        _: 'future_salts',
        req_msg_id: msgId,
        now: seconds,
        salts: salts.map((it) => ({ _: 'future_salt', valid_since: it.since, valid_until: it.until, salt: it.salt })),
      });
      return true;
    }
    case 'destroy_session': {
      const session_id = message['session_id'] as bigint;
      const done = session_id !== session.id && key.sessions.delete(session_id);
      reply(context, { _: done ? 'destroy_session_ok' : 'destroy_session_none', session_id });
      return true;
    }
    case 'rpc_drop_answer':
      replyResult(context, msgId, dropAnswer(context, message['req_msg_id'] as bigint));
      return true;
    case 'msgs_state_req':
      reply(context, stateOf(context, msgId, ids));
      return true;
    case 'msg_resend_req': {
      const kept = ids.flatMap((id) => session.unacked.get(id) ?? []);
      for (const it of kept) context.outbox.again(it);
      if (kept.length < ids.length) reply(context, stateOf(context, msgId, ids));
      return true;
    }
    default:
      if (seqNo % 2 !== 0) context.acks.push(msgId);
      return SILENT.has(message._);
  }
}

function replyResult(context: Context, reqMsgId: bigint, result: TlObject): void {
  const body = bodyWriter(64).id(RPC_RESULT).long(reqMsgId).object(mtproto, result);
  context.outbox.add(body, { content: true, isAnswer: true });
}

function dropAnswer({ session }: Context, reqMsgId: bigint): TlObject {
  const call = session.received(reqMsgId);
  if (call?.running) {
    call.dropped = true;
    return { _: 'rpc_answer_dropped_running' };
  }
  const answer = call?.answer === undefined ? undefined : session.unacked.get(call.answer);
  if (!answer) return { _: 'rpc_answer_unknown' };
  session.acknowledge(answer.msgId);
  return { _: 'rpc_answer_dropped', msg_id: answer.msgId, seq_no: answer.seqNo, bytes: answer.length };
}

/** One byte per message, as specified in core.telegram.org/mtproto/service_messages_about_messages. */
function stateOf({ session }: Context, reqMsgId: bigint, ids: readonly bigint[]): TlObject {
  const info = Buffer.from(
    ids.map((id) => {
      const message = session.received(id);
      if (!message) return id <= session.forgotten ? 1 : id > session.newest ? 3 : 2;
      return 4 | (message.running ? 8 | 32 : 0) | (message.answer === undefined ? 0 : 8 | 64);
    }),
  );
  return { _: 'msgs_state_info', req_msg_id: reqMsgId, info };
}
