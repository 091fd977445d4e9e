/**
 * history.ts: requests for the account's history, with answers as rows. A message that this version cannot read becomes a row of its
 * own with everything before the unknown part, and affects no other message: an answer that contains one is requested again in smaller
 * pieces.
 */
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import type { ChatRow } from '../../db/chats.js';
import type { MessageRow } from '../../db/messages.js';
import type { PeerRow } from '../../db/peers.js';
import type { TopicRow } from '../../db/topics.js';
import { unmark } from '../../peer-id/index.js';
import type { Account } from '../account/account.js';
import { messageRow, unreadMessageRow } from '../map/message.js';
import { peerRows, readPeers } from '../map/peer.js';
import { topicRows } from '../map/topic.js';
import { unreadIn } from '../wire/unread.js';
import { inputChannel, inputPeer } from './input-peer.js';
import { pieces, wholeOf } from './whole.js';

/** Telegram's limit of messages and ids per call. */
export const pageLimit = 100;

export interface Answer {
  /** The messages of the answer that are not empty. */
  messages: MessageRow[];
  /** Ids of all messages in the answer, and of those reported as empty. */
  ids: bigint[];
  peers: PeerRow[];
  /** The topics that they belong to. */
  topics: TopicRow[];
  /** Of a channel: up to where its updates are in the answer. Not known of pieces of an answer that could not be read. */
  pts?: number;
}

export interface HistoryQuery {
  /** Messages below this id; 0: from the newest. */
  offsetId: number;
  /** Only messages that were sent before this time, in seconds. */
  offsetDate?: number;
  /** Leaves out so many of the messages below `offsetId`; -1: begins with the first message at or above it. */
  addOffset?: number;
  limit: number;
}

type Messages = Exclude<Api.messages.TypeMessages, Api.messages.MessagesNotModified>;

/**
 * Messages of a chat, newest first; fewer than requested if an unreadable one ends the page, and none if one begins it and its id could
 * only be found by counting.
 */
export async function getHistory(
  account: Account,
  chat: ChatRow,
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<Answer> {
  const ask = async (limit: number, bounds: Bounds = {}) =>
    modified(
      await account.call(
        new Api.messages.GetHistory({
          peer: inputPeer(chat),
          offsetId: query.offsetId,
          offsetDate: query.offsetDate ?? 0,
          addOffset: query.addOffset ?? 0,
          limit,
          maxId: bounds.below ?? 0,
          minId: bounds.above ?? 0,
          hash: bigInt.zero,
        }),
        { signal, partial: true },
      ),
    );
  for (let { limit } = query; ;) {
    const answer = await ask(limit);
    const { whole, cut } = wholeOf(answer.messages, unreadIn(answer));
    if (!cut) return answerOf(answer, whole, account.selfId);
    // The messages before it are requested again to get their users and chats, which come after it in the answer; then the unreadable one
    // alone, to lose as little as possible after it.
    if (limit > 1) {
      limit = Math.max(1, whole.length);
      continue;
    }
    if (cut.id === undefined && (query.addOffset ?? 0) > 0) return { messages: [], ids: [], peers: [], topics: [] };
    const isWithin = async (bounds: Bounds) => (await ask(1, bounds)).messages.length > 0;
    const id = cut.id ?? (await idOfUnread(query, isWithin));
    const row = unreadMessageRow(id, cut, account.selfId, new Date());
    return { messages: [row], ids: [row.id], peers: [], topics: [] };
  }
}

/** The id of the newest message that was sent before a moment; 0: there is none. */
export async function newestBefore(account: Account, chat: ChatRow, at: Date, signal: AbortSignal): Promise<bigint> {
  const offsetDate = Math.ceil(at.getTime() / 1000); // Telegram's dates have whole seconds
  const { ids } = await getHistory(account, chat, { offsetId: 0, offsetDate, limit: 1 }, signal);
  return ids[0] ?? 0n;
}

/** Messages by id, 100 at most. Missing ones are left out of `messages`. */
export async function getMessages(
  account: Account,
  chat: ChatRow,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Answer> {
  const id = ids.map((it) => new Api.InputMessageID({ id: it }));
  const request =
    unmark(chat.id).kind === 'channel'
      ? new Api.channels.GetMessages({ channel: inputChannel(chat), id })
      : new Api.messages.GetMessages({ id });
  const answer = modified(await account.call(request, { signal, partial: true }));
  const { whole, cut } = wholeOf(answer.messages, unreadIn(answer));
  if (!cut) return answerOf(answer, whole, account.selfId);
  if (ids.length === 1) {
    const row = unreadMessageRow(cut.id ?? BigInt(ids[0]!), cut, account.selfId, new Date());
    return { messages: [row], ids: [row.id], peers: [], topics: [] };
  }
  const parts = pieces(
    ids,
    whole.map((it) => it.id),
    cut.id,
  );
  const answers: Answer[] = [];
  for (const part of parts) answers.push(await getMessages(account, chat, part, signal));
  return {
    messages: answers.flatMap((it) => it.messages),
    ids: answers.flatMap((it) => it.ids),
    peers: answers.flatMap((it) => it.peers),
    topics: answers.flatMap((it) => it.topics),
  };
}

function modified(answer: Api.messages.TypeMessages): Messages {
  if (answer instanceof Api.messages.MessagesNotModified)
    throw new Error('Telegram answered "not modified" to a first request');
  return answer;
}

function answerOf(answer: Messages, messages: readonly Api.TypeMessage[], selfId: bigint): Answer {
  const now = new Date();
  return {
    messages: messages.flatMap((it) => messageRow(it, selfId, now) ?? []),
    ids: messages.map((it) => BigInt(it.id)),
    peers: peerRows(readPeers(answer.users), readPeers(answer.chats)),
    topics: topicRows((answer as { topics?: unknown }).topics), // not in every kind of answer
    ...(answer instanceof Api.messages.ChannelMessages && { pts: answer.pts }),
  };
}

/** Exclusive bounds on the id of the requested message. */
interface Bounds {
  above?: number;
  below?: number;
}

/**
 * The id of the only message that answers `query`, when the answer itself does not reveal it: Telegram says whether it lies within
 * bounds. Searches in doubling steps first, as it is usually near.
 */
async function idOfUnread(
  { offsetId, addOffset = 0 }: HistoryQuery,
  isWithin: (bounds: Bounds) => Promise<boolean>,
): Promise<bigint> {
  const upwards = addOffset < 0;
  const start = upwards ? offsetId : (offsetId || highestId + 1) - 1;
  const end = upwards ? highestId : 1;
  const at = (distance: number) => (upwards ? Math.min(end, start + distance) : Math.max(end, start - distance));
  const reaches = (distance: number) => isWithin(upwards ? { below: at(distance) + 1 } : { above: at(distance) - 1 });
  let high = 0;
  let low = -1;
  while (!(await reaches(high))) {
    if (at(high) === end) throw new Error('Telegram returned a message that it cannot find again');
    low = high;
    high = high === 0 ? 1 : high * 2;
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (await reaches(middle)) high = middle;
    else low = middle;
  }
  return BigInt(at(high));
}

const highestId = 2 ** 31 - 2;
