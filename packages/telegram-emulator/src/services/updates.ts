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
import type { UpdateEvent } from '../world/update-log.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';
import { updatesOf } from './event-tl.js';

const MOST = 1000;

/** `updates.state`. */
export function stateTl(world: World, pts = world.log.pts): TlObject {
  return { _: 'updates.state', pts, qts: 0, date: world.now(), seq: 1, unread_count: 0 };
}

/** Splits events into new messages and everything else; a new message that was deleted since is not shown. */
function changesTl(events: readonly UpdateEvent[]): { messages: TlObject[]; others: TlObject[] } {
  const messages: TlObject[] = [];
  const others: TlObject[] = [];
  for (const event of events) {
    const updates = updatesOf(event);
    if (event.kind === 'new') messages.push(...updates.map((it) => it['message'] as TlObject));
    else others.push(...updates);
  }
  return { messages, others };
}

function getDifference(world: World, { query }: Call): TlObject {
  const pts = query['pts'] as number;
  if (pts <= 0 || pts > world.log.pts) throw new RpcError(400, 'PERSISTENT_TIMESTAMP_INVALID');
  const events = world.log.since(pts);
  const total = query['pts_total_limit'] as number | undefined;
  if (!events || (total && world.log.pts - pts > total)) return { _: 'updates.differenceTooLong', pts: world.log.pts };
  if (events.length === 0) return { _: 'updates.differenceEmpty', date: world.now(), seq: 1 };
  const page = events.slice(0, Math.min((query['pts_limit'] as number | undefined) || MOST, MOST));
  const { messages, others } = changesTl(page);
  const body = {
    new_messages: messages,
    new_encrypted_messages: [],
    other_updates: others,
    ...mentionedPeers(world, [messages, others]),
  };
  if (page.length === events.length) return { _: 'updates.difference', ...body, state: stateTl(world) };
  return { _: 'updates.differenceSlice', ...body, intermediate_state: stateTl(world, page.at(-1)?.pts) };
}

function channelTooLong(chat: Chat): TlObject {
  const newest: TlObject[] = [];
  const top = chat.store.size;
  for (let index = top - 1; index >= Math.max(0, top - 10); index -= 1)
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
  const pts = query['pts'] as number;
  if (pts <= 0 || pts > chat.log.pts) throw new RpcError(400, 'PERSISTENT_TIMESTAMP_INVALID');
  const events = chat.log.since(pts);
  if (!events) return channelTooLong(chat);
  if (events.length === 0) return { _: 'updates.channelDifferenceEmpty', final: true, pts: chat.log.pts, timeout: 30 };
  const page = events.slice(0, Math.max(1, Math.min(query['limit'] as number, 100)));
  const { messages, others } = changesTl(page);
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
