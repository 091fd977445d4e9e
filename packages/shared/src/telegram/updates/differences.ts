/**
 * differences.ts: what happened in a box since a pts, in pieces (core.telegram.org/api/updates#recovering-gaps), as changes of rows. A message
 * in an answer is as it is now, and other updates of the box have no numbers: only the state that comes with them counts.
 */
import type { ChatRow } from '../../db/chats.js';
import type { CommonState } from '../../db/live-state.js';
import type { Account } from '../account/account.js';
import { markedId } from '../../peer-id/index.js';
import { inputChannel } from '../read/input-peer.js';
import type { CallOptions } from '../wire/connection.js';
import { Api } from '../wire/gramjs.js';
import { unreadIn } from '../wire/unread.js';
import { classOf } from './classes.js';
import { type Collected, Collector } from './collect.js';
import { channelOf } from './containers.js';

/** A piece of the account's difference. */
export type CommonDifference =
  | { kind: 'nothing'; date: number; seq: number }
  /** `isLast`: nothing more is known. `behind`: channels, without their mark, whose own difference has to be taken. `others`: updates of other boxes, or of none. */
  | {
      kind: 'changes';
      collected: Collected;
      state: CommonState;
      isLast: boolean;
      behind: bigint[];
      others: Api.TypeUpdate[];
    }
  /** Too much has happened: chats have to be read again. */
  | { kind: 'too-long'; pts: number }
  /** Something in it cannot be read, and so nothing after that. */
  | { kind: 'unreadable' };

/** The next piece after a state, of so many events at most. Throws what the account throws. */
export async function commonDifference(
  account: Account,
  { pts, qts, date }: CommonState,
  most: number,
  options: CallOptions,
): Promise<CommonDifference> {
  const limit = most < usualPiece ? { ptsLimit: most } : {};
  const request = new Api.updates.GetDifference({ pts, qts, date, ...limit });
  const answer = await account.call(request, { ...options, partial: true });
  if (unreadIn(answer)) return { kind: 'unreadable' };
  if (answer instanceof Api.updates.DifferenceEmpty) return { kind: 'nothing', date: answer.date, seq: answer.seq };
  if (answer instanceof Api.updates.DifferenceTooLong) return { kind: 'too-long', pts: answer.pts };
  const isLast = answer instanceof Api.updates.Difference;
  const { pts: to, qts: qtsTo, date: dateTo, seq } = isLast ? answer.state : answer.intermediateState;
  const collector = new Collector(account.selfId);
  collector.addPeers(answer.users, answer.chats);
  for (const it of answer.newMessages) collector.addMessage(it, true);
  const behind: bigint[] = [];
  const others: Api.TypeUpdate[] = [];
  for (const update of answer.otherUpdates) {
    if (update instanceof Api.UpdateChannelTooLong) behind.push(channelOf(update)!);
    else if (classOf(update.className) === 'common') collector.add(update);
    else others.push(update);
  }
  const state = { pts: to, qts: qtsTo, date: dateTo, seq };
  return { kind: 'changes', collected: collector.take(), state, isLast, behind, others };
}

/** A piece of a channel's difference. */
export type ChannelDifference =
  /**
   * `timeoutMs`: when to ask again, for a channel whose updates are not pushed. `foreign`: constructors of what was left out, as it is of
   * another chat or in no channel's sequence.
   */
  | {
      kind: 'changes';
      collected: Collected;
      pts: number;
      isLast: boolean;
      timeoutMs: number;
      foreign: readonly string[];
    }
  /** Too much has happened: `collected` has the newest messages, of which none is missing down to `from`. */
  | { kind: 'too-long'; collected: Collected; pts: number; from: bigint; top: bigint }
  /** Something in it cannot be read, and so nothing after that. `pts`: up to where it tells, if that could be read. */
  | { kind: 'unreadable'; pts: number | undefined };

/** Updates in a piece: as many as users get, and as few as they may ask for. */
export const usualPiece = 100;
export const smallestPiece = 10;
const usualTimeoutMs = 1000;

export async function channelDifference(
  account: Account,
  chat: ChatRow,
  pts: number,
  limit: number,
  options: CallOptions,
): Promise<ChannelDifference> {
  const filter = new Api.ChannelMessagesFilterEmpty();
  const request = new Api.updates.GetChannelDifference({ channel: inputChannel(chat), filter, pts, limit });
  const answer = await account.call(request, { ...options, partial: true });
  if (unreadIn(answer)) return { kind: 'unreadable', pts: toldUntil(answer) };
  const timeoutMs = answer.timeout === undefined ? usualTimeoutMs : answer.timeout * 1000;
  const collector = new Collector(account.selfId);
  if (answer instanceof Api.updates.ChannelDifferenceEmpty) {
    const isLast = answer.final ?? false;
    // It may be higher, and never lower.
    const to = Math.max(pts, answer.pts);
    return { kind: 'changes', collected: collector.take(), pts: to, isLast, timeoutMs, foreign: [] };
  }
  collector.addPeers(answer.users, answer.chats);
  if (answer instanceof Api.updates.ChannelDifferenceTooLong) {
    const { dialog, messages } = answer;
    if (!(dialog instanceof Api.Dialog) || dialog.pts === undefined)
      throw new Error('Telegram said that too much has happened, but not up to where');
    for (const it of messages) collector.addMessage(it, false, dialog.pts);
    const ids = messages.map((it) => BigInt(it.id));
    const from = ids.reduce((least, it) => (it < least ? it : least), BigInt(dialog.topMessage));
    return { kind: 'too-long', collected: collector.take(), pts: dialog.pts, from, top: BigInt(dialog.topMessage) };
  }
  const foreign: string[] = [];
  for (const it of answer.newMessages.toSorted((a, b) => a.id - b.id)) {
    const isOurs = !it.peerId || markedId(it.peerId) === chat.id;
    if (isOurs) collector.addMessage(it, true, answer.pts);
    else foreign.push(it.className);
  }
  for (const update of answer.otherUpdates) {
    const isOurs = classOf(update.className) === 'channel' && channelOf(update) === bareIdOf(chat);
    if (isOurs) collector.add(update, answer.pts);
    else if (!(update instanceof Api.UpdateMessageID)) foreign.push(update.className);
  }
  const isLast = answer.final ?? false;
  return { kind: 'changes', collected: collector.take(), pts: answer.pts, isLast, timeoutMs, foreign };
}

/** It comes first in the answer. */
function toldUntil(answer: Api.updates.TypeChannelDifference): number | undefined {
  if (answer instanceof Api.updates.ChannelDifferenceTooLong) return (answer.dialog as Api.Dialog | undefined)?.pts;
  return answer.pts;
}

function bareIdOf(chat: ChatRow): bigint {
  return BigInt(inputChannel(chat).channelId.toString());
}
