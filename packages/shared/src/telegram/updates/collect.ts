/**
 * collect.ts: turns updates into what they mean for the rows of an archive, chat by chat. Updates of boxes come here after they were put in
 * order; what a chat is told stays in that order, except that deletions come last, as nothing revives a message.
 */
import type { PeerRow, Renamed } from '../../db/peers.js';
import type { Told, ToldOfChat } from '../../db/live.js';
import type { ReactionsOf, ToldOfPoll } from '../../db/reactions.js';
import type { Raw } from '../../content/index.js';
import type { IdRange } from '../../coverage/index.js';
import { channelMarkedId, markedId, userMarkedId } from '../../peer-id/index.js';
import type { ToldOfWebPage } from '../../db/web-pages.js';
import { cleanText } from '../map/clean-text.js';
import { webPageMedia } from '../map/media.js';
import { messageRow, previewAt } from '../map/message.js';
import { peerRows, readPeers } from '../map/peer.js';
import { toldOfPoll } from '../map/poll.js';
import { topicChange } from '../map/topic.js';
import { toRaw } from '../map/raw.js';
import { Api } from '../wire/gramjs.js';
import { changedChat, migratedTo } from './chat-changes.js';

export type Collected = Pick<
  Told,
  'chats' | 'deletedOfAccount' | 'peers' | 'polls' | 'webPages' | 'changed' | 'renamed'
>;

export class Collector {
  private readonly chats = new Map<bigint, ToldOfChat>();
  private readonly deleted = new Set<bigint>();
  private readonly polls = new Map<bigint, ToldOfPoll>();
  private readonly webPages = new Map<bigint, ToldOfWebPage>();
  private readonly changed = new Set<bigint>();
  private readonly renamed = new Map<bigint, Renamed>();
  private peers: PeerRow[] = [];

  /** `selfId`: the account. */
  constructor(private readonly selfId: bigint) {}

  /** Whether nothing was collected that changes an archive. */
  get isEmpty(): boolean {
    const { chats, deleted, polls, webPages, changed, renamed } = this;
    return [chats, deleted, polls, webPages, changed, renamed].every((it) => it.size === 0);
  }

  take(): Collected {
    return {
      chats: [...this.chats.values()],
      deletedOfAccount: [...this.deleted],
      peers: this.peers,
      polls: [...this.polls.values()],
      webPages: [...this.webPages.values()],
      changed: [...this.changed],
      renamed: [...this.renamed.values()],
    };
  }

  /** Adds what a difference collected, which holds updates of its box only. */
  join({ chats, deletedOfAccount, peers, webPages = [], changed = [] }: Collected): void {
    for (const id of changed) this.changed.add(id);
    this.peers.push(...peers);
    for (const it of webPages) this.webPages.set(it.id, it);
    for (const id of deletedOfAccount) this.deleted.add(id);
    for (const { chatId, messages, newIds, deleted, pinned, counters, topics = [] } of chats) {
      const chat = this.of(chatId);
      chat.messages.push(...messages);
      chat.newIds.push(...newIds);
      chat.deleted.push(...deleted);
      chat.pinned.push(...pinned);
      chat.counters.push(...counters);
      chat.topics = [...(chat.topics ?? []), ...topics];
    }
  }

  /** What is known of a chat begins with these messages. */
  startAgain(chatId: bigint, newest: IdRange): void {
    this.of(chatId).newest = newest;
  }

  addPeers(users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[]): void {
    this.peers.push(...peerRows(readPeers(users), readPeers(chats)));
  }

  /** Those given so that the account can reach them. */
  get fullPeers(): PeerRow[] {
    return this.peers.filter((it) => !it.min && it.accessHash !== null);
  }

  /** Something about a chat has changed. */
  noteChanged(chatId: bigint): void {
    this.changed.add(chatId);
  }

  /** A message as it is now. `isNew`: nothing is missing before it. `pts`: of its channel, after that. */
  addMessage(message: Api.TypeMessage, isNew: boolean, pts?: number): void {
    const row = messageRow(message, this.selfId, new Date());
    if (!row || !message.peerId) return;
    const chat = this.of(markedId(message.peerId));
    chat.messages.push(pts ? { ...row, pts } : row);
    if (!isNew) return;
    chat.newIds.push(row.id);
    this.noteService(chat, message);
  }

  /** What a service message says of its chat. */
  private noteService(chat: ToldOfChat, message: Api.TypeMessage): void {
    const topic = topicChange(message);
    if (topic) chat.topics = [...(chat.topics ?? []), topic];
    const to = migratedTo(message);
    for (const id of to === undefined ? [] : [chat.chatId, to]) this.changed.add(id);
  }

  /** Of a message that was collected before these came, or was not. */
  addReactions(chatId: bigint, { id, reactions }: ReactionsOf): void {
    const chat = this.of(chatId);
    chat.reactions = [...(chat.reactions ?? []), { id, reactions }];
  }

  /** The message was collected after them, and has its reactions as they are by now. */
  dropReactions(chatId: bigint, id: bigint): void {
    const chat = this.chats.get(chatId);
    if (chat?.reactions) chat.reactions = chat.reactions.filter((it) => it.id !== id);
  }

  /** An update whose turn it is. `pts`: of its channel after that, if it comes in a difference, as it says nothing itself then. */
  add(update: Api.TypeUpdate, pts?: number): void {
    if (update instanceof Api.UpdateNewMessage) this.addMessage(update.message, true);
    else if (update instanceof Api.UpdateEditMessage) this.addMessage(update.message, false);
    else if (update instanceof Api.UpdateNewChannelMessage) this.addMessage(update.message, true, pts ?? update.pts);
    else if (update instanceof Api.UpdateEditChannelMessage) this.addMessage(update.message, false, pts ?? update.pts);
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
    if (update instanceof Api.UpdateUserName) this.rename(update);
    const changed = changedChat(update, this.selfId);
    if (changed !== undefined) this.changed.add(changed);
  }

  private rename({ userId, firstName, lastName, usernames }: Api.UpdateUserName): void {
    const id = userMarkedId(userId);
    const name = cleanText([firstName, lastName].filter(Boolean).join(' '));
    const username = usernames.find((it) => it.active)?.username;
    this.renamed.set(id, { id, name, username: username ? cleanText(username) : null });
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
  private addPoll(update: Api.UpdateMessagePoll): void {
    const told = toldOfPoll(update);
    const { pollId } = told;
    this.polls.set(pollId, { ...told, isClosed: told.isClosed ?? this.polls.get(pollId)?.isClosed });
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
