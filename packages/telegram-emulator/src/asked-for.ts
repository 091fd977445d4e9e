/**
 * asked-for.ts: which chats, users and messages a call asks for, anywhere in its arguments. Pure.
 * The chat that a `…FromMessage` peer refers to is not asked for.
 */
import type { TlObject } from './tl/value.js';
import { markedId } from './world/peers.js';

/** The marked ids of the chats and users that a call asks for; `self` is the calling account. */
export function peersAskedFor(query: TlObject, self: bigint | undefined): Set<bigint> {
  const found = new Set<bigint>();
  if (query._ === 'messages.getChats') for (const id of query['id'] as bigint[]) found.add(markedId('group', id));
  walk(query, (it) => {
    const peer = peerOf(it, self);
    if (peer !== undefined) found.add(peer);
    return peer === undefined;
  });
  return found;
}

/** Whether a call asks for a message by its id. */
export function asksForMessage(query: TlObject, id: number): boolean {
  let found = false;
  walk(query, (it) => {
    found ||= it._ === 'inputMessageID' && it['id'] === id;
    return !found;
  });
  return found;
}

/** The peer that an object names itself, not the ones nested in it. */
function peerOf(it: TlObject, self: bigint | undefined): bigint | undefined {
  if (it._ === 'inputPeerSelf' || it._ === 'inputUserSelf') return self;
  if (/^input(Peer)?User/.test(it._)) return it['user_id'] as bigint | undefined;
  if (/^input(Peer)?Channel/.test(it._)) return idOf('channel', it['channel_id']);
  return it._ === 'inputPeerChat' || it._ === 'messages.getFullChat' ? idOf('group', it['chat_id']) : undefined;
}

const idOf = (kind: 'group' | 'channel', id: unknown): bigint | undefined =>
  typeof id === 'bigint' ? markedId(kind, id) : undefined;

/** Visits every object; `visit` returns whether to descend into it. */
function walk(value: unknown, visit: (it: TlObject) => boolean): void {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return;
  if (!Array.isArray(value) && !visit(value as TlObject)) return;
  for (const inner of Object.values(value)) walk(inner, visit);
}
