/**
 * dialogs.ts: every dialog of the account, page by page, each once. If a message, user or chat cannot be read by this version, the page
 * is requested again in smaller pieces, so that no other dialog is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import type { ChatFacts } from '../../db/chats.js';
import { chatFacts, readPeers } from '../map/peer.js';
import { markedId } from '../../peer-id/index.js';
import type { Caller } from '../wire/connection.js';
import { FloodWaitError } from '../wire/errors.js';
import { isCut } from '../wire/lenient-reader.js';
import { unreadIn, whatIs } from '../wire/unread.js';
import { type DialogTraits, dialogTraits } from './dialog-traits.js';

export interface Dialog {
  id: bigint;
  topMessage: bigint;
  /** Null if this version cannot read what Telegram says about the chat. */
  facts: ChatFacts | null;
  /** What could not be read of its newest message, or of the chat. */
  unread: string | null;
  traits: DialogTraits;
}

/** Where a page begins: after this message of that dialog. */
interface Offset {
  offsetDate: number;
  offsetId: number;
  offsetPeer: Api.TypeInputPeer;
}

const pageSize = 100;

/** One walk through the dialogs. An error may interrupt it; the next call repeats the same page. */
export class DialogsWalk {
  private offset: Offset | undefined = { offsetDate: 0, offsetId: 0, offsetPeer: new Api.InputPeerEmpty() };
  private readonly seen = new Set<bigint>();

  constructor(private readonly caller: Caller) {}

  get isDone(): boolean {
    return this.offset === undefined;
  }

  /**
   * The dialogs of the next page that no earlier page had. If `store` throws, the next call repeats this page, too: what was read and not
   * stored would seem not to exist.
   */
  async next(
    signal?: AbortSignal,
    store: (page: readonly Dialog[]) => Promise<void> = async () => {},
  ): Promise<Dialog[]> {
    if (!this.offset) return [];
    const page = await dialogsPage(this.caller, this.offset, signal);
    const facts = new Map(chatFacts(page.users, page.chats).map((it) => [it.id, it]));
    const dialogs = page.dialogs.filter((it) => it instanceof Api.Dialog);
    const peers = new Map(
      [...page.users, ...page.chats].flatMap((it) => chatFacts([], [it]).map(({ id }) => [id, it])),
    );
    const now = Date.now() / 1000;
    const fresh = dialogs
      .map((it) => ({ id: markedId(it.peer), topMessage: BigInt(it.topMessage), unread: page.unread, of: it }))
      .filter(({ id }) => !this.seen.has(id))
      .map(({ of, ...it }) => ({
        ...it,
        facts: facts.get(it.id) ?? null,
        traits: dialogTraits(of, peers.get(it.id), now),
      }));
    const isLast = page.isLast || fresh.length === 0;
    const offset = isLast
      ? undefined
      : (nextOffset(page, dialogs) ?? (await this.skip(this.offset, fresh[0]!.id, signal)));
    await store(fresh);
    for (const { id } of fresh) this.seen.add(id);
    this.offset = offset;
    return fresh;
  }

  /**
   * The offset after a dialog whose newest message does not even reveal its date: the latest date before which this dialog no longer
   * comes first.
   */
  private async skip(from: Offset, id: bigint, signal: AbortSignal | undefined): Promise<Offset> {
    const at = (offsetDate: number): Offset => ({ offsetDate, offsetId: 0, offsetPeer: new Api.InputPeerEmpty() });
    let low = 0;
    let high = from.offsetDate || Math.ceil(Date.now() / 1000) + 86_400;
    while (high - low > 1) {
      const middle = low + Math.floor((high - low) / 2);
      const { dialogs } = await dialogsPage(this.caller, at(middle), signal, 1);
      const first = dialogs.find((it) => it instanceof Api.Dialog && !it.pinned);
      if (first && markedId(first.peer) === id) high = middle;
      else low = middle;
    }
    return at(low);
  }
}

/** All dialogs, in one walk. On a flood wait, calls `onWait`, waits and continues. */
export async function* listDialogs(caller: Caller, onWait: (seconds: number) => void): AsyncGenerator<Dialog> {
  for (const walk = new DialogsWalk(caller); !walk.isDone;) {
    try {
      yield* await walk.next();
    } catch (error) {
      if (!(error instanceof FloodWaitError)) throw error;
      onWait(error.seconds);
      await sleep(error.seconds * 1000);
    }
  }
}

type Page = Api.messages.Dialogs | Api.messages.DialogsSlice;

interface ReadPage {
  dialogs: Api.TypeDialog[];
  messages: Api.TypeMessage[];
  users: Api.TypeUser[];
  chats: Api.TypeChat[];
  isLast: boolean;
  /** What could not be read; the page then has a single dialog. */
  unread: string | null;
}

/** A page. If something in it cannot be read, a smaller page; for a single dialog, what could be read of it. */
async function dialogsPage(
  caller: Caller,
  offset: Offset,
  signal: AbortSignal | undefined,
  size = pageSize,
): Promise<ReadPage> {
  for (let limit = size; ;) {
    const request = new Api.messages.GetDialogs({ ...offset, limit, hash: bigInt.zero });
    const answer = await caller.call(request, { signal, partial: true });
    if (answer instanceof Api.messages.DialogsNotModified)
      throw new Error('Telegram answered "not modified" to a first request');
    const unread = unreadIn(answer);
    const lists = listsOf(answer);
    if (!unread) return { ...lists, isLast: answer instanceof Api.messages.Dialogs, unread: null };
    if (limit === 1) return { ...lists, isLast: false, unread: whatIs(unread) };
    // Dialogs and messages come in the same order, so the dialogs before the cut one can be read completely.
    const whole = lists.messages.filter((it) => !isCut(it)).length;
    limit = Math.max(1, Math.min(whole, Math.floor(limit / 2)));
  }
}

function listsOf({ dialogs, messages, users, chats }: Page): Omit<ReadPage, 'isLast' | 'unread'> {
  return {
    dialogs: (dialogs ?? []).filter((it) => it && !isCut(it)),
    messages: (messages ?? []).filter((it) => it !== null),
    users: readPeers(users),
    chats: readPeers(chats),
  };
}

/** A page begins after the last dialog that has a message; pinned ones at the top say nothing about the order. */
function nextOffset(page: ReadPage, dialogs: readonly Api.Dialog[]): Offset | undefined {
  for (const dialog of dialogs.toReversed()) {
    const found = page.messages.find(
      (it): it is Api.Message | Api.MessageService =>
        (it instanceof Api.Message || it instanceof Api.MessageService) &&
        typeof it.date === 'number' &&
        it.id === dialog.topMessage &&
        markedId(it.peerId) === markedId(dialog.peer),
    );
    if (found) return { offsetDate: found.date, offsetId: found.id, offsetPeer: inputPeerOf(dialog.peer, page) };
  }
  return undefined;
}
/** Without the chat's access hash, the date and the message id are enough to continue. */
function inputPeerOf(peer: Api.TypePeer, { users, chats }: ReadPage): Api.TypeInputPeer {
  if (peer instanceof Api.PeerChat) return new Api.InputPeerChat({ chatId: peer.chatId });
  if (peer instanceof Api.PeerUser) {
    const user = users.find((it): it is Api.User => it instanceof Api.User && it.id.eq(peer.userId));
    if (!user) return new Api.InputPeerEmpty();
    return new Api.InputPeerUser({ userId: peer.userId, accessHash: user.accessHash ?? bigInt.zero });
  }
  const channel = chats.find(
    (it): it is Api.Channel | Api.ChannelForbidden =>
      (it instanceof Api.Channel || it instanceof Api.ChannelForbidden) && it.id.eq(peer.channelId),
  );
  if (!channel) return new Api.InputPeerEmpty();
  return new Api.InputPeerChannel({ channelId: peer.channelId, accessHash: channel.accessHash ?? bigInt.zero });
}
