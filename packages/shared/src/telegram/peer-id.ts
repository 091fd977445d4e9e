/**
 * peer-id.ts: Telegram's own arithmetic of marked ids: channel or supergroup -(10^12 + id), basic group -id, user id.
 */
import { Api } from 'telegram';

const channelBase = 1_000_000_000_000n;

type BigInteger = { toString(): string };

export function userMarkedId(id: BigInteger): bigint {
  return BigInt(id.toString());
}

export function groupMarkedId(id: BigInteger): bigint {
  return -BigInt(id.toString());
}

export function channelMarkedId(id: BigInteger): bigint {
  return -(channelBase + BigInt(id.toString()));
}

export function markedId(peer: Api.TypePeer): bigint {
  if (peer instanceof Api.PeerUser) return userMarkedId(peer.userId);
  if (peer instanceof Api.PeerChat) return groupMarkedId(peer.chatId);
  return channelMarkedId(peer.channelId);
}

/** Which kind of id a marked one is, and the bare id. Channels' ids are far above those of basic groups. */
export function unmark(id: bigint): { kind: 'user' | 'group' | 'channel'; bareId: bigint } {
  if (id > 0n) return { kind: 'user', bareId: id };
  if (id > -channelBase) return { kind: 'group', bareId: -id };
  return { kind: 'channel', bareId: -id - channelBase };
}

/** Channels and supergroups have message ids of their own; all other chats share one sequence per account. */
export function hasOwnMessageIds(chatId: bigint): boolean {
  return unmark(chatId).kind === 'channel';
}
