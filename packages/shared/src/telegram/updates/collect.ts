/**
 * collect.ts: turns updates into what they mean for the rows of an archive, chat by chat. Updates of boxes come here after they were put in
 * order; what a chat is told stays in that order, except that deletions come last, as nothing revives a message.
 */
import type { PeerRow } from '../../db/peers.js';
import type { Told, ToldOfChat } from '../../db/live.js';
import type { ReactionsOf, ToldOfPoll } from '../../db/reactions.js';
import type { Raw } from '../../content/index.js';
import type { IdRange } from '../../coverage/index.js';
import { channelMarkedId, markedId } from '../../peer-id/index.js';
import type { ToldOfWebPage } from '../../db/web-pages.js';
import { webPageMedia } from '../map/media.js';
import { messageRow, previewAt } from '../map/message.js';
import { peerRows, readPeers } from '../map/peer.js';
import { toRaw } from '../map/raw.js';
import { Api } from '../wire/gramjs.js';

export type Collected = Pick<Told, 'chats' | 'deletedOfAccount' | 'peers' | 'polls' | 'webPages'>;

export class Collector {
  private readonly chats = new Map<bigint, ToldOfChat>();
  private readonly deleted = new Set<bigint>();
  private readonly polls = new Map<bigint, ToldOfPoll>();
  private readonly webPages = new Map<bigint, ToldOfWebPage>();
  private peers: PeerRow[] = [];

  /** `selfId`: the account. */
  constructor(private readonly selfId: bigint) {}

  /** Whether nothing was collected that changes an archive. */
  get isEmpty(): boolean {
    return [this.chats, this.deleted, this.polls, this.webPages].every((it) => it.size === 0);
  }

  take(): Collected {
    return {
      chats: [...this.chats.values()],
      deletedOfAccount: [...this.deleted],
      peers: this.peers,
      polls: [...this.polls.values()],
      webPages: [...this.webPages.values()],
    };
  }

  /** Adds what a difference collected, which holds updates of its box only. */
  join({ chats, deletedOfAccount, peers, webPages = [] }: Collected): void {
    this.peers.push(...peers);
    for (const it of webPages) this.webPages.set(it.id, it);
    for (const id of deletedOfAccount) this.deleted.add(id);
    for (const { chatId, messages, newIds, deleted, pinned, counters } of chats) {
      const chat = this.of(chatId);
      chat.messages.push(...messages);
      chat.newIds.push(...newIds);
      chat.deleted.push(...deleted);
      chat.pinned.push(...pinned);
      chat.counters.push(...counters);
    }
  }

  /** What is known of a chat begins with these messages. */
  startAgain(chatId: bigint, newest: IdRange): void {
    this.of(chatId).newest = newest;
  }

  addPeers(users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[]): void {
    this.peers.push(...peerRows(readPeers(users), readPeers(chats)));
  }

  /** A message as it is now. `isNew`: nothing is missing before it. */
  addMessage(message: Api.TypeMessage, isNew: boolean): void {
    const row = messageRow(message, this.selfId, new Date());
    if (!row || !message.peerId) return;
    const chat = this.of(markedId(message.peerId));
    chat.messages.push(row);
    if (isNew) chat.newIds.push(row.id);
  }

  addReactions(chatId: bigint, { id, reactions }: ReactionsOf): void {
    const chat = this.of(chatId);
    chat.reactions = [...(chat.reactions ?? []), { id, reactions }];
  }

  /** An update whose turn it is. */
  add(update: Api.TypeUpdate): void {
    if (update instanceof Api.UpdateNewMessage || update instanceof Api.UpdateNewChannelMessage)
      this.addMessage(update.message, true);
    else if (update instanceof Api.UpdateEditMessage || update instanceof Api.UpdateEditChannelMessage)
      this.addMessage(update.message, false);
    else if (update instanceof Api.UpdateDeleteMessages) for (const id of update.messages) this.deleted.add(BigInt(id));
    else if (update instanceof Api.UpdateDeleteChannelMessages)
      this.of(channelMarkedId(update.channelId)).deleted.push(...update.messages.map(BigInt));
    else if (update instanceof Api.UpdatePinnedMessages) this.pin(markedId(update.peer), update);
    else if (update instanceof Api.UpdatePinnedChannelMessages) this.pin(channelMarkedId(update.channelId), update);
    else if (update instanceof Api.UpdateChannelMessageViews)
      this.of(channelMarkedId(update.channelId)).counters.push({ id: BigInt(update.id), views: update.views });
    else if (update instanceof Api.UpdateChannelMessageForwards)
      this.of(channelMarkedId(update.channelId)).counters.push({ id: BigInt(update.id), forwards: update.forwards });
    else if (update instanceof Api.UpdateMessagePoll) this.addPoll(update);
    else if (update instanceof Api.UpdateWebPage || update instanceof Api.UpdateChannelWebPage)
      this.addWebPage(update.webpage);
    else if (update instanceof Api.UpdateMessageExtendedMedia) this.askAgain(markedId(update.peer), update.msgId);
    else if (update instanceof Api.UpdateChannelAvailableMessages)
      this.of(channelMarkedId(update.channelId)).availableMinId = BigInt(update.availableMinId);
  }

  private addWebPage(page: Api.TypeWebPage): void {
    if (page instanceof Api.WebPageNotModified) return;
    const id = BigInt(page.id.toString());
    const askAgainAt = previewAt(page, new Date());
    this.webPages.set(id, { id, page: toRaw(page) as Raw, media: webPageMedia(page), askAgainAt });
  }

  private askAgain(chatId: bigint, id: number): void {
    const chat = this.of(chatId);
    chat.askAgain = [...(chat.askAgain ?? []), BigInt(id)];
  }

  /** Of several states of a poll the last one counts; what was said before of its end stays. */
  private addPoll({ pollId, poll, results }: Api.UpdateMessagePoll): void {
    const id = BigInt(pollId.toString());
    const isClosed = poll ? (poll.closed ?? false) : this.polls.get(id)?.isClosed;
    this.polls.set(id, { pollId: id, isClosed, results: toRaw(results) as Raw });
  }

  private pin(chatId: bigint, { messages, pinned }: Api.UpdatePinnedMessages | Api.UpdatePinnedChannelMessages): void {
    this.of(chatId).pinned.push({ ids: messages.map(BigInt), isPinned: pinned ?? false });
  }

  private of(chatId: bigint): ToldOfChat {
    let chat = this.chats.get(chatId);
    if (!chat) {
      chat = { chatId, messages: [], newIds: [], deleted: [], pinned: [], counters: [] };
      this.chats.set(chatId, chat);
    }
    return chat;
  }
}
