/**
 * peers.ts: marked ids and peers. A marked id is a user id, −(basic group id) or −(10^12 + channel id).
 * No other file knows this arithmetic.
 */
import type { TlObject } from '../tl/value.js';

const CHANNEL_BASE = 1_000_000_000_000n;

/** The kind of a chat. */
export type ChatKind = 'user' | 'group' | 'supergroup' | 'channel';

/** The marked id of a chat. */
export function markedId(kind: ChatKind, id: bigint): bigint {
  if (kind === 'user') return id;
  return kind === 'group' ? -id : -(CHANNEL_BASE + id);
}

/** The `Peer` of a marked id. */
export function peerTl(marked: bigint): TlObject {
  if (marked >= 0n) return { _: 'peerUser', user_id: marked };
  if (marked > -CHANNEL_BASE) return { _: 'peerChat', chat_id: -marked };
  return { _: 'peerChannel', channel_id: -marked - CHANNEL_BASE };
}

/** The marked id of a `Peer`; undefined for anything else. */
export function markedOf(peer: unknown): bigint | undefined {
  const tl = peer as TlObject | undefined;
  if (tl?._ === 'peerUser') return tl['user_id'] as bigint;
  if (tl?._ === 'peerChat') return -(tl['chat_id'] as bigint);
  if (tl?._ === 'peerChannel') return -(CHANNEL_BASE + (tl['channel_id'] as bigint));
  return undefined;
}
