/** peer-dialogs.ts: the state of given dialogs, with answers as rows. */
import { Api } from '../wire/gramjs.js';
import type { AccountState, ChatFacts, ChatRow } from '../../db/chats.js';
import { markedId } from '../../peer-id/index.js';
import type { Account } from '../account/account.js';
import { chatFacts, migrationsIn, readPeers } from '../map/peer.js';
import { isCut } from '../wire/lenient-reader.js';
import { unreadIn, whatIs } from '../wire/unread.js';
import { inputPeer } from './input-peer.js';

export interface PeerDialogs {
  dialogs: { id: bigint; topMessage: bigint; pts: number | null }[];
  /** The account's update counters; null if they come after a part that could not be read. */
  state: Omit<AccountState, 'id'> | null;
  facts: ChatFacts[];
  /** Chats that the account was removed from. */
  forbidden: bigint[];
  /** Chats that the account left, or that no longer exist. */
  left: bigint[];
  migrations: { from: bigint; to: bigint }[];
  /** What could not be read and, if known, in which chat. Everything after it is missing. */
  unread: { reason: string; chatId: bigint | null } | null;
}

/** The state of some dialogs, 100 at most. */
export async function getPeerDialogs(
  account: Account,
  chats: readonly ChatRow[],
  signal: AbortSignal,
): Promise<PeerDialogs> {
  const peers = chats.map((it) => new Api.InputDialogPeer({ peer: inputPeer(it) }));
  const request = new Api.messages.GetPeerDialogs({ peers });
  const answer = await account.call(request, { signal, partial: true });
  const answered = readPeers(answer.chats);
  const unread = unreadIn(answer);
  return {
    dialogs: (answer.dialogs ?? []).flatMap((it) =>
      it instanceof Api.Dialog && !isCut(it)
        ? [{ id: markedId(it.peer), topMessage: BigInt(it.topMessage), pts: it.pts ?? null }]
        : [],
    ),
    state: answer.state instanceof Api.updates.State && !isCut(answer.state) ? stateOf(answer.state) : null,
    facts: chatFacts(readPeers(answer.users), answered),
    forbidden: answered
      .filter((it) => it instanceof Api.ChannelForbidden || it instanceof Api.ChatForbidden)
      .flatMap((it) => chatFacts([], [it]).map((one) => one.id)),
    left: answered
      .filter((it) => (it instanceof Api.Channel && it.left) || (it instanceof Api.Chat && (it.left || it.deactivated)))
      .flatMap((it) => chatFacts([], [it]).map((one) => one.id)),
    migrations: migrationsIn(answered),
    unread: unread ? { reason: whatIs(unread), chatId: blamed(answer) } : null,
  };
}

/** The account's update counters. */
export async function getUpdatesState(account: Account): Promise<Omit<AccountState, 'id'>> {
  return stateOf(await account.call(new Api.updates.GetState()));
}

function stateOf({ pts, qts, date, seq }: Api.updates.State): Omit<AccountState, 'id'> {
  return { pts, qts, date: new Date(date * 1000), seq };
}

/** The chat of the message that was cut. */
function blamed({ messages }: Api.messages.PeerDialogs): bigint | null {
  const cut = (messages ?? []).find((it) => it && isCut(it));
  if (!(cut instanceof Api.Message || cut instanceof Api.MessageService)) return null;
  return cut.peerId && !isCut(cut.peerId) ? markedId(cut.peerId) : null;
}
