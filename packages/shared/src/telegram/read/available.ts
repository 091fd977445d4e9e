/** available.ts: from which message on a channel shows its history to an account. */
import type { ChatRow } from '../../db/chats.js';
import { unmark } from '../../peer-id/index.js';
import type { Account } from '../account/account.js';
import { Api } from '../wire/gramjs.js';
import { inputChannel } from './input-peer.js';

/**
 * The id up to which the messages of a chat are hidden from the account (`available_min_id`), whether they exist or not; 0: none. Throws what
 * the account throws.
 */
export async function hiddenUpTo(account: Account, chat: ChatRow, signal: AbortSignal): Promise<bigint> {
  if (unmark(chat.id).kind !== 'channel') return 0n;
  const request = new Api.channels.GetFullChannel({ channel: inputChannel(chat) });
  const { fullChat } = await account.call(request, { signal });
  return fullChat instanceof Api.ChannelFull ? BigInt(fullChat.availableMinId ?? 0) : 0n;
}
