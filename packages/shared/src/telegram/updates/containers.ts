/**
 * containers.ts: what the server pushes, as a list of updates in the order in which they are to be looked at, whatever container they came
 * in (core.telegram.org/api/updates#subscribing-to-updates). Pure.
 */
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import { classOf } from './classes.js';

export interface Unpacked {
  updates: Api.TypeUpdate[];
  users: Api.TypeUser[];
  chats: Api.TypeChat[];
  /** Where the container stands among those with a seq: the first and the last number; 0: in no order. */
  seqStart: number;
  seq: number;
  /** In seconds; undefined: it is not to be remembered. */
  date: number | undefined;
}

/** `difference`: the server says that more has happened than it tells. undefined: it pushed something else. */
export type Pushed = Unpacked | 'difference' | undefined;

/** `selfId`: the account. */
export function unpacked(pushed: unknown, selfId: bigint): Pushed {
  if (pushed instanceof Api.Updates || pushed instanceof Api.UpdatesCombined) {
    const { users, chats, seq, date } = pushed;
    const seqStart = pushed instanceof Api.UpdatesCombined ? pushed.seqStart : seq;
    // Impossible numbers: only the server knows what was meant.
    if (seqStart < 0 || seq < seqStart) return 'difference';
    return { updates: inOrder(pushed.updates), users, chats, seqStart, seq, date };
  }
  if (pushed instanceof Api.UpdateShort) return alone(pushed.update);
  if (pushed instanceof Api.UpdateShortMessage || pushed instanceof Api.UpdateShortChatMessage)
    return alone(wholeOf(pushed, selfId));
  // The second is an answer to a call and tells nothing when it is pushed.
  if (pushed instanceof Api.UpdatesTooLong || pushed instanceof Api.UpdateShortSentMessage) return 'difference';
  return undefined;
}

function alone(update: Api.TypeUpdate): Unpacked {
  return { updates: [update], users: [], chats: [], seqStart: 0, seq: 0, date: undefined };
}

/** The channel whose box an update is in, without its mark; undefined if the server did not say. */
export function channelOf(update: Api.TypeUpdate): bigint | undefined {
  const { channelId, message } = update as { channelId?: bigInt.BigInteger; message?: { peerId?: Api.TypePeer } };
  if (channelId !== undefined) return BigInt(channelId.toString());
  const peer = message?.peerId;
  return peer instanceof Api.PeerChannel ? BigInt(peer.channelId.toString()) : undefined;
}

/** A short message as the update that it stands for. */
function wholeOf(short: Api.UpdateShortMessage | Api.UpdateShortChatMessage, selfId: bigint): Api.UpdateNewMessage {
  const self = new Api.PeerUser({ userId: bigInt(selfId.toString()) });
  const isPrivate = short instanceof Api.UpdateShortMessage;
  const peerId = isPrivate ? new Api.PeerUser({ userId: short.userId }) : new Api.PeerChat({ chatId: short.chatId });
  const sender = new Api.PeerUser({ userId: isPrivate ? short.userId : short.fromId });
  const { out, mentioned, mediaUnread, silent, id, date, message, fwdFrom, viaBotId, replyTo, entities, ttlPeriod } =
    short;
  return new Api.UpdateNewMessage({
    message: new Api.Message({
      out,
      mentioned,
      mediaUnread,
      silent,
      id,
      fromId: out ? self : sender,
      peerId,
      fwdFrom,
      viaBotId,
      replyTo,
      date,
      message,
      entities,
      ttlPeriod,
    }),
    pts: short.pts,
    ptsCount: short.ptsCount,
  });
}

/** Updates of boxes first, each box in its order: the server may have put them in any. */
function inOrder(updates: readonly Api.TypeUpdate[]): Api.TypeUpdate[] {
  return updates
    .map((update) => ({ update, ...placeOf(update) }))
    .toSorted((a, b) => a.box - b.box || compare(a.channel, b.channel) || a.before - b.before)
    .map((it) => it.update);
}

function placeOf(update: Api.TypeUpdate): { box: number; channel: bigint; before: number } {
  const { pts = 0, ptsCount = 0, qts = 0 } = update as { pts?: number; ptsCount?: number; qts?: number };
  const kind = classOf(update.className);
  if (kind === 'common') return { box: 0, channel: 0n, before: pts - ptsCount };
  if (kind === 'secret' || kind === 'bot') return { box: 1, channel: 0n, before: qts };
  if (kind === 'channel') return { box: 2, channel: channelOf(update) ?? 0n, before: pts - ptsCount };
  return { box: 3, channel: 0n, before: 0 };
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
