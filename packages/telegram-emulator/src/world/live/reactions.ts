/**
 * reactions.ts: people react to a message, one emoji each. Clients learn it from an update without pts, which may be lost,
 * or from a hidden edit.
 */
import type { TlObject } from '../../tl/value.js';
import type { Chat } from '../chat.js';
import { type Message, type Who, whoId } from '../message.js';
import { peerTl } from '../peers.js';
import { hiddenEdit, setFields } from './edits.js';

/** The most recent reactions that a message names. */
const NAMED = 3;

/** Sets or, without an emoji, takes away somebody's reaction. */
export function react(
  chat: Chat,
  id: number,
  who: Who,
  emoji: string | undefined,
  how: 'update' | 'hidden-edit' = 'update',
): void {
  const reactions = reacted(chat, chat.existing(id), whoId(who), emoji);
  chat.world.record.note(chat, 'react', [id]);
  if (how === 'hidden-edit') return hiddenEdit(chat, id, { reactions });
  setFields(chat, id, { reactions });
  chat.world.announce(chat, { _: 'updateMessageReactions', peer: chat.peer, msg_id: id, reactions }, [id]);
}

/** Who reacted with what, as a message names only the most recent. */
const reactors = new WeakMap<Chat, Map<number, Map<bigint, string>>>();

function reactorsOf(chat: Chat, id: number): Map<bigint, string> {
  const all = reactors.get(chat) ?? new Map<number, Map<bigint, string>>();
  reactors.set(chat, all);
  const found = all.get(id) ?? new Map<bigint, string>();
  all.set(id, found);
  return found;
}

/** The reactions of a message after somebody's. Those it was made with count on, without names. */
function reacted(chat: Chat, { id, fields }: Message, who: bigint, emoji: string | undefined): TlObject {
  const known = reactorsOf(chat, id);
  const counts = new Map<string, number>();
  const before = fields?.['reactions'] as TlObject | undefined;
  for (const { reaction, count } of (before?.['results'] ?? []) as TlObject[])
    counts.set((reaction as TlObject)['emoticon'] as string, count as number);
  const add = (name: string, count: number): void => void counts.set(name, (counts.get(name) ?? 0) + count);
  const former = known.get(who);
  if (former !== undefined) add(former, -1);
  known.delete(who);
  if (emoji !== undefined) {
    add(emoji, 1);
    known.set(who, emoji);
  }
  const results = [...counts].filter(([, count]) => count > 0).map(([name, count]) => resultTl(name, count));
  // In channels nobody is named.
  const date = chat.world.now();
  const latest = chat.kind === 'channel' ? [] : [...known].slice(-NAMED).reverse();
  const named = latest.map(([by, name]) => ({ _: 'messagePeerReaction', peer_id: peerTl(by), date, ...of(name) }));
  return { _: 'messageReactions', results, recent_reactions: named.length > 0 ? named : undefined };
}

const of = (emoji: string): { reaction: TlObject } => ({ reaction: { _: 'reactionEmoji', emoticon: emoji } });
const resultTl = (emoji: string, count: number): TlObject => ({ _: 'reactionCount', ...of(emoji), count });
