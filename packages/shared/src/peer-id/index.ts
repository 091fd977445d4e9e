/**
 * peer-id: Telegram's own arithmetic of marked ids: channel or supergroup -(10^12 + id), basic group -id, user id. Pure, and without a
 * Telegram library, which planning by ids does not need.
 */

const channelBase = 1_000_000_000_000n;

type BigInteger = { toString(): string };

/** As in Telegram's schema: PeerUser, PeerChat or PeerChannel. */
type Peer = { userId: BigInteger } | { chatId: BigInteger } | { channelId: BigInteger };

/** The marked id of a user: the id itself. */
export function userMarkedId(id: BigInteger): bigint {
  return BigInt(id.toString());
}

/** The marked id of a basic group: negative. */
export function groupMarkedId(id: BigInteger): bigint {
  return inRange(-BigInt(id.toString()));
}

/** The marked id of a channel or supergroup: -(10^12 + id). */
export function channelMarkedId(id: BigInteger): bigint {
  return inRange(-(channelBase + BigInt(id.toString())));
}

/** The marked id of a peer in an answer. Throws a RangeError if it exceeds 64 bits. */
export function markedId(peer: Peer): bigint {
  if ('userId' in peer) return userMarkedId(peer.userId);
  if ('chatId' in peer) return groupMarkedId(peer.chatId);
  return channelMarkedId(peer.channelId);
}

/** Throws if the id exceeds 64 bits. Telegram's own ids are far below that, and no table could store it. */
function inRange(id: bigint): bigint {
  if (BigInt.asIntN(64, id) !== id) throw new RangeError(`${id} is not a chat id: it has more than 64 bits`);
  return id;
}

/** The kind of a marked id, and the bare id. Channels' ids are far above those of basic groups. */
export function unmark(id: bigint): { kind: 'user' | 'group' | 'channel'; bareId: bigint } {
  if (id > 0n) return { kind: 'user', bareId: id };
  if (id > -channelBase) return { kind: 'group', bareId: -id };
  return { kind: 'channel', bareId: -id - channelBase };
}

/** Channels and supergroups have their own message ids; all other chats share one sequence per account. */
export function hasOwnMessageIds(chatId: bigint): boolean {
  return unmark(chatId).kind === 'channel';
}
