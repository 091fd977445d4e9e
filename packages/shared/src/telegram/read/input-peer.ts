/** input-peer.ts: how a chat is addressed in requests to Telegram. */
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import type { ChatRow } from '../../db/chats.js';
import { unmark } from '../../peer-id/index.js';
import { ChatUnreadableError } from '../wire/errors.js';

export function inputPeer(chat: ChatRow): Api.TypeInputPeer {
  const { kind, bareId } = unmark(chat.id);
  if (kind === 'group') return new Api.InputPeerChat({ chatId: bigInt(bareId) });
  const accessHash = bigInt(accessHashOf(chat));
  return kind === 'user'
    ? new Api.InputPeerUser({ userId: bigInt(bareId), accessHash })
    : new Api.InputPeerChannel({ channelId: bigInt(bareId), accessHash });
}

export function inputChannel(chat: ChatRow): Api.InputChannel {
  return new Api.InputChannel({ channelId: bigInt(unmark(chat.id).bareId), accessHash: bigInt(accessHashOf(chat)) });
}

function accessHashOf(chat: ChatRow): bigint {
  if (chat.accessHash !== null) return chat.accessHash;
  throw new ChatUnreadableError('this account has no dialog with this id');
}
