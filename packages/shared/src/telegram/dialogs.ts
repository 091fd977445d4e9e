/** dialogs.ts: every dialog of the account, page by page, each once. */
import bigInt from 'big-integer';
import { Api } from 'telegram';
import type { ChatFacts } from '../db/chats.js';
import { chatFacts } from './map-peer.js';
import { markedId } from '../peer-id/index.js';

/** Whoever can call: the running fleet's account, or the connection of a login. */
export interface Caller {
  call<R extends Api.AnyRequest>(request: R, options?: { signal?: AbortSignal }): Promise<R['__response']>;
}

export interface Dialog extends ChatFacts {
  topMessage: bigint;
}

const pageSize = 100;

export async function* listDialogs(caller: Caller, signal?: AbortSignal): AsyncGenerator<Dialog> {
  const seen = new Set<bigint>();
  let offset = { offsetDate: 0, offsetId: 0, offsetPeer: new Api.InputPeerEmpty() as Api.TypeInputPeer };
  for (;;) {
    const request = new Api.messages.GetDialogs({ ...offset, limit: pageSize, hash: bigInt.zero });
    const answer = await caller.call(request, { signal });
    if (answer instanceof Api.messages.DialogsNotModified) return;
    const facts = new Map(chatFacts(answer.users, answer.chats).map((it) => [it.id, it]));
    const dialogs = answer.dialogs.filter((it) => it instanceof Api.Dialog);
    let fresh = 0;
    for (const dialog of dialogs) {
      const chat = facts.get(markedId(dialog.peer));
      if (!chat || seen.has(chat.id)) continue;
      seen.add(chat.id);
      fresh++;
      yield { ...chat, topMessage: BigInt(dialog.topMessage) };
    }
    const next = nextOffset(answer, dialogs);
    if (answer instanceof Api.messages.Dialogs || fresh === 0 || !next) return;
    offset = next;
  }
}

/** A page begins after the last dialog that has a message; pinned ones at the top say nothing about order. */
function nextOffset(answer: Api.messages.Dialogs | Api.messages.DialogsSlice, dialogs: readonly Api.Dialog[]) {
  for (const dialog of dialogs.toReversed()) {
    const key = `${markedId(dialog.peer)}-${dialog.topMessage}`;
    const top = answer.messages.find(
      (it) => !(it instanceof Api.MessageEmpty) && `${markedId(it.peerId)}-${it.id}` === key,
    );
    if (!top || top instanceof Api.MessageEmpty) continue;
    return { offsetDate: top.date, offsetId: top.id, offsetPeer: inputPeerOf(dialog.peer, answer) };
  }
  return undefined;
}

function inputPeerOf(
  peer: Api.TypePeer,
  { users, chats }: { users: Api.TypeUser[]; chats: Api.TypeChat[] },
): Api.TypeInputPeer {
  if (peer instanceof Api.PeerChat) return new Api.InputPeerChat({ chatId: peer.chatId });
  if (peer instanceof Api.PeerUser) {
    const user = users.find((it): it is Api.User => it instanceof Api.User && it.id.eq(peer.userId));
    return new Api.InputPeerUser({ userId: peer.userId, accessHash: user?.accessHash ?? bigInt.zero });
  }
  const channel = chats.find(
    (it): it is Api.Channel | Api.ChannelForbidden =>
      (it instanceof Api.Channel || it instanceof Api.ChannelForbidden) && it.id.eq(peer.channelId),
  );
  return new Api.InputPeerChannel({ channelId: peer.channelId, accessHash: channel?.accessHash ?? bigInt.zero });
}
