/** pins.ts: which messages of a chat are pinned. */
import bigInt from 'big-integer';
import type { ChatRow } from '../../db/chats.js';
import type { Account } from '../account/account.js';
import { Api } from '../wire/gramjs.js';
import { unreadIn } from '../wire/unread.js';
import { inputPeer } from './input-peer.js';
import { wholeOf } from './whole.js';

const pageLimit = 100;

/** Their ids, newest first. Those after one that cannot be read are missing. Throws what the account throws. */
export async function pinnedIds(account: Account, chat: ChatRow, signal: AbortSignal): Promise<bigint[]> {
  const found: number[] = [];
  for (;;) {
    const request = new Api.messages.Search({
      peer: inputPeer(chat),
      q: '',
      filter: new Api.InputMessagesFilterPinned(),
      minDate: 0,
      maxDate: 0,
      offsetId: found.at(-1) ?? 0,
      addOffset: 0,
      limit: pageLimit,
      maxId: 0,
      minId: 0,
      hash: bigInt.zero,
    });
    const answer = await account.call(request, { signal, partial: true });
    if (answer instanceof Api.messages.MessagesNotModified) break;
    const { whole, cut } = wholeOf(answer.messages, unreadIn(answer));
    const lowest = found.at(-1) ?? Infinity;
    const next = whole.map((it) => it.id).filter((id) => id < lowest);
    found.push(...next.toSorted((a, b) => b - a));
    if (cut || next.length === 0) break;
  }
  return found.map(BigInt);
}
