/**
 * history.ts: what we ask of the account's history, with answers of one shape.
 */
import bigInt from 'big-integer';
import { Api } from 'telegram';
import type { ChatRow } from '../db/chats.js';
import type { Account } from './account.js';
import { ChatUnreadableError } from './errors.js';
import { unmark } from '../peer-id/index.js';

/** Telegram's own limit of messages and ids in one call. */
export const pageLimit = 100;

export interface Answer {
  messages: Api.TypeMessage[];
  users: Api.TypeUser[];
  chats: Api.TypeChat[];
}

export interface HistoryQuery {
  /** Messages below this id. */
  offsetId: number;
  addOffset?: number;
  limit: number;
}

/** Messages of a chat, newest first. */
export async function getHistory(
  account: Account,
  chat: ChatRow,
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<Answer> {
  const request = new Api.messages.GetHistory({
    peer: inputPeer(chat),
    offsetId: query.offsetId,
    offsetDate: 0,
    addOffset: query.addOffset ?? 0,
    limit: query.limit,
    maxId: 0,
    minId: 0,
    hash: bigInt.zero,
  });
  return answerOf(await account.call(request, { signal }));
}

/** Messages by id, 100 at most. What is not there is left out. */
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
  return answerOf(await account.call(request, { signal }));
}

/** The state of some dialogs: newest message and update counter. */
export async function getPeerDialogs(
  account: Account,
  chats: readonly ChatRow[],
  signal: AbortSignal,
): Promise<Api.messages.PeerDialogs> {
  const peers = chats.map((it) => new Api.InputDialogPeer({ peer: inputPeer(it) }));
  return await account.call(new Api.messages.GetPeerDialogs({ peers }), { signal });
}

export async function getUpdatesState(account: Account): Promise<Api.updates.State> {
  return await account.call(new Api.updates.GetState());
}

function answerOf(answer: Api.messages.TypeMessages): Answer {
  if (answer instanceof Api.messages.MessagesNotModified)
    throw new Error('Telegram answered "not modified" to a first question');
  return { messages: answer.messages, users: answer.users, chats: answer.chats };
}

function inputPeer(chat: ChatRow): Api.TypeInputPeer {
  const { kind, bareId } = unmark(chat.id);
  if (kind === 'group') return new Api.InputPeerChat({ chatId: bigInt(bareId) });
  const accessHash = bigInt(accessHashOf(chat));
  return kind === 'user'
    ? new Api.InputPeerUser({ userId: bigInt(bareId), accessHash })
    : new Api.InputPeerChannel({ channelId: bigInt(bareId), accessHash });
}

function inputChannel(chat: ChatRow): Api.InputChannel {
  return new Api.InputChannel({ channelId: bigInt(unmark(chat.id).bareId), accessHash: bigInt(accessHashOf(chat)) });
}

function accessHashOf(chat: ChatRow): bigint {
  if (chat.accessHash !== null) return chat.accessHash;
  throw new ChatUnreadableError('no chat with this id is among the dialogs of this account');
}
