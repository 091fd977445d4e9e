/**
 * mentioned-peers.ts: the users and chats that an answer must include: everybody it mentions anywhere.
 * Found by walking the finished answer, so that no kind of message can be forgotten.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { chatTl } from './chat-tl.js';
import { markedId, markedOf } from './peers.js';
import type { World } from './world.js';

const USER_FIELDS = new Set(['user_id', 'via_bot_id', 'via_business_bot_id', 'inviter_id', 'bot_id']);
const USER_LISTS = new Set(['users', 'winners', 'recent_requesters']);
const CHANNEL_FIELDS = new Set(['channel_id', 'linked_chat_id']);
const GROUP_FIELDS = new Set(['chat_id', 'migrated_from_chat_id']);
/** These contain no peers, and are most of an answer's objects. */
const LEAVES = new Set(['photo', 'document', 'geoPoint']);

function note(found: Set<bigint>, field: string, value: unknown): void {
  if (typeof value === 'bigint') {
    if (USER_FIELDS.has(field)) found.add(value);
    else if (CHANNEL_FIELDS.has(field)) found.add(markedId('channel', value));
    else if (GROUP_FIELDS.has(field)) found.add(markedId('group', value));
  } else if (Array.isArray(value)) {
    if (typeof value[0] !== 'bigint') for (const item of value as unknown[]) walk(found, item);
    else if (USER_LISTS.has(field)) for (const id of value as bigint[]) found.add(id);
    else if (field === 'channels') for (const id of value as bigint[]) found.add(markedId('channel', id));
  } else {
    walk(found, value);
  }
}

function walk(found: Set<bigint>, value: unknown): void {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return;
  const tl = value as TlObject;
  if (LEAVES.has(tl._)) return;
  const peer = markedOf(tl);
  if (peer !== undefined) found.add(peer);
  else for (const field of Object.keys(tl)) note(found, field, tl[field]);
}

/** `users` and `chats` for an answer that contains `trees`; `also` are included in any case. */
export function mentionedPeers(
  world: World,
  trees: readonly unknown[],
  also: readonly Chat[] = [],
): { users: TlObject[]; chats: TlObject[] } {
  const found = new Set<bigint>(also.map((it) => it.id));
  for (const tree of trees) walk(found, tree);
  found.delete(0n);
  const users: TlObject[] = [];
  const chats = new Set<Chat>();
  for (const id of found) {
    const chat = world.findChat(id);
    if (id > 0n) users.push(chat?.user?.toTl() ?? { _: 'userEmpty', id });
    else if (chat) {
      chats.add(chat);
      if (chat.migratedTo) chats.add(chat.migratedTo);
    }
  }
  return { users, chats: [...chats].map(chatTl) };
}
