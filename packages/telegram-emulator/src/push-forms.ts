/**
 * push-forms.ts: the containers in which the server pushes what happened (core.telegram.org/api/updates). Pure.
 * What is in a pts sequence comes without `seq`; what is not has one of its own.
 */
import { updatesOf } from './services/event-tl.js';
import type { TlObject } from './tl/value.js';
import type { Chat } from './world/chat.js';
import { mentionedPeers } from './world/mentioned-peers.js';
import type { World, WorldEvent } from './world/world.js';

/** An event with its updates as they were when it happened. */
export interface Pushed {
  readonly event: WorldEvent;
  readonly updates: readonly TlObject[];
}

export const pushedNow = (event: WorldEvent): Pushed => ({ event, updates: updatesOf(event) });

/** `updates`, or `updatesCombined` for several with a `seq`. */
export function containerTl(world: World, pushed: readonly Pushed[]): TlObject {
  const updates = pushed.flatMap((it) => it.updates);
  const chats = new Set(pushed.map((it) => it.event.chat).filter((it) => it.kind !== 'user'));
  const body = { updates, ...mentionedPeers(world, updates, [...chats]), date: world.now() };
  const seqs = pushed.flatMap(({ event }) => (event.kind === 'loose' ? (event.seq ?? []) : []));
  if (seqs.length < 2) return { _: 'updates', ...body, seq: seqs[0] ?? 0 };
  return { _: 'updatesCombined', ...body, seq_start: seqs[0], seq: seqs.at(-1) };
}

/** `updateShort`, which has neither peers nor `seq`. */
export const shortTl = (world: World, update: TlObject): TlObject => ({ _: 'updateShort', update, date: world.now() });

/** The shortest form of an event; undefined if there is none shorter than `updates`. */
export function shortestTl(world: World, { event, updates }: Pushed): TlObject | undefined {
  const [update] = updates;
  if (event.kind === 'loose' || updates.length !== 1 || !update) return undefined;
  if (event.kind === 'new') return shortMessage(event.chat, update);
  return update['message'] || update['webpage'] ? undefined : shortTl(world, update);
}

/** Everything that `updateShortMessage` can say besides peers. */
const SHORT_FIELDS =
  'id date message out mentioned media_unread silent fwd_from via_bot_id reply_to entities ttl_period'.split(' ');
const SHORTENED = new Set([...SHORT_FIELDS, '_', 'peer_id', 'from_id']);

function shortMessage(chat: Chat, { message, pts, pts_count }: TlObject): TlObject | undefined {
  const whole = message as TlObject;
  if (chat.ownSequence || whole._ !== 'message') return undefined;
  const present = Object.keys(whole).filter((it) => whole[it] !== undefined);
  if (present.some((it) => !SHORTENED.has(it))) return undefined;
  const body = { ...Object.fromEntries(SHORT_FIELDS.map((it) => [it, whole[it]])), pts, pts_count };
  if (chat.kind === 'user') return { _: 'updateShortMessage', user_id: chat.bareId, ...body };
  const from_id = (whole['from_id'] as TlObject | undefined)?.['user_id'];
  return from_id === undefined ? undefined : { _: 'updateShortChatMessage', chat_id: chat.bareId, from_id, ...body };
}
