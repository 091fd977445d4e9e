/**
 * updates.ts: the account's state, and what has changed since a pts, for the account and for each channel.
 * A pts older than what is remembered gets a "too long" answer: the client must read the history again.
 */
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { mentionedPeers } from '../world/mentioned-peers.js';
import { messageTl } from '../world/message-tl.js';
import { readableChannel } from '../world/resolve.js';
import type { UpdateEvent, UpdateLog } from '../world/update-log.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';
import { changesTl, withoutPts } from './changes-tl.js';

/** What users may ask for at once; bots may ask for more. */
const CHANNEL_LIMIT = { least: 10, most: 100 };

/** `updates.state`. */
export function stateTl(world: World, { pts = world.log.pts, date = world.now() } = {}): TlObject {
  return { _: 'updates.state', pts, qts: 0, date, seq: world.loose.seq, unread_count: 0 };
}

/** The events after a client's pts; undefined if they are no longer remembered. */
function eventsSince(log: UpdateLog, pts: number): readonly UpdateEvent[] | undefined {
  if (pts === 0) throw new RpcError(400, 'PERSISTENT_TIMESTAMP_EMPTY');
  if (pts < 0 || pts > log.pts) throw new RpcError(400, 'PERSISTENT_TIMESTAMP_INVALID');
  return log.since(pts);
}

function getDifference(world: World, { query }: Call): TlObject {
  const { pts, date, pts_limit: limit, pts_total_limit: total } = query as unknown as DifferenceQuery;
  const events = eventsSince(world.log, pts);
  if (!date) throw new RpcError(400, 'DATE_EMPTY');
  if (!events || (total && world.log.pts - pts > total)) return { _: 'updates.differenceTooLong', pts: world.log.pts };
  const page = events.slice(0, Math.min(limit || world.boxes.slice, world.boxes.slice));
  const whole = page.length === events.length;
  const { messages, others } = changesTl(page);
  const updates = [...withoutPts(others), ...(whole ? missedElsewhere(world, date) : [])];
  if (whole && page.length + updates.length === 0)
    return { _: 'updates.differenceEmpty', date: world.now(), seq: world.loose.seq };
  const peers = mentionedPeers(world, [messages, updates]);
  const body = { new_messages: messages, new_encrypted_messages: [], other_updates: updates, ...peers };
  if (whole) return { _: 'updates.difference', ...body, state: stateTl(world) };
  // The date stays, as what happened elsewhere since then is still owed.
  return { _: 'updates.differenceSlice', ...body, intermediate_state: stateTl(world, { pts: page.at(-1)!.pts, date }) };
}

interface DifferenceQuery {
  readonly pts: number;
  readonly date: number;
  readonly pts_limit?: number;
  readonly pts_total_limit?: number;
}

/** What is in no pts sequence, and the channels that need a difference of their own. That second may be told twice. */
function missedElsewhere(world: World, date: number): TlObject[] {
  const behind = world.chats.filter((it) => it.ownSequence && it.listed && it.readable && it.log.lastAt >= date);
  return [
    ...world.loose.since(date).map((it) => it.update),
    ...behind.map((it) => ({ _: 'updateChannelTooLong', channel_id: it.bareId, pts: it.log.pts })),
  ];
}

function channelTooLong(chat: Chat): TlObject {
  const newest: TlObject[] = [];
  const top = chat.store.size;
  for (let index = top - 1; index >= Math.max(0, top - 10) && chat.store.at(index).id > chat.availableMinId; index -= 1)
    newest.push(messageTl(chat, chat.store.at(index)));
  const dialog: TlObject = {
    _: 'dialog',
    peer: chat.peer,
    top_message: chat.store.topId,
    read_inbox_max_id: chat.store.topId,
    read_outbox_max_id: chat.store.topId,
    unread_count: 0,
    unread_mentions_count: 0,
    unread_reactions_count: 0,
    unread_poll_votes_count: 0,
    notify_settings: { _: 'peerNotifySettings' },
    pts: chat.log.pts,
  };
  const body = { dialog, messages: newest, ...mentionedPeers(chat.world, [newest], [chat]) };
  return { _: 'updates.channelDifferenceTooLong', final: true, timeout: 30, ...body };
}

function getChannelDifference(world: World, { query }: Call): TlObject {
  const chat = readableChannel(world, query['channel'] as TlObject);
  const { pts, limit } = query as unknown as { pts: number; limit: number };
  const events = eventsSince(chat.log, pts);
  // What official clients ask if they know no pts.
  const knowsNothing = pts === 1 && limit === 1;
  if (!knowsNothing && (limit < CHANNEL_LIMIT.least || limit > CHANNEL_LIMIT.most))
    throw new RpcError(400, 'LIMIT_INVALID');
  if (!events || (knowsNothing && chat.log.pts > 1)) return channelTooLong(chat);
  if (events.length === 0) return { _: 'updates.channelDifferenceEmpty', final: true, pts: chat.log.pts, timeout: 30 };
  const page = events.slice(0, Math.min(limit, world.boxes.channelSlice));
  const { messages, others } = changesTl([...page, ...(world.misplaced.get(chat)?.log.since(1) ?? [])]);
  return {
    _: 'updates.channelDifference',
    final: page.length === events.length || undefined,
    pts: page.at(-1)?.pts,
    timeout: 30,
    new_messages: messages,
    other_updates: others,
    ...mentionedPeers(world, [messages, others], [chat]),
  };
}

/** The service for state and differences. */
export const updatesService = (world: World): Service =>
  accountOnly({
    'updates.getState': () => stateTl(world),
    'updates.getDifference': (call) => getDifference(world, call),
    'updates.getChannelDifference': (call) => getChannelDifference(world, call),
  });
