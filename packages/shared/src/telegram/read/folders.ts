/** folders.ts: the account's chat folders and their rules (core.telegram.org/api/folders). */
import { Api } from '../wire/gramjs.js';
import { channelMarkedId, groupMarkedId, userMarkedId } from '../../peer-id/index.js';
import type { Account } from '../account/account.js';
import { isCut } from '../wire/lenient-reader.js';
import { unreadIn, whatIs } from '../wire/unread.js';

export interface FolderPeer {
  id: bigint;
  accessHash: bigint | null;
}

export interface Folder {
  title: string;
  /** Pinned or listed in it. */
  included: FolderPeer[];
  excluded: bigint[];
  /** Which other chats belong to it; null: none. */
  rules: FolderRules | null;
}

export interface FolderRules {
  contacts: boolean;
  nonContacts: boolean;
  groups: boolean;
  channels: boolean;
  bots: boolean;
  excludeMuted: boolean;
  excludeRead: boolean;
  excludeArchived: boolean;
}

/** All folders; `unread`: why those after the ones returned could not be read, or null. */
export async function getFolders(
  account: Account,
  signal?: AbortSignal,
): Promise<{ folders: Folder[]; unread: string | null }> {
  const answer = await account.call(new Api.messages.GetDialogFilters(), { signal, partial: true });
  const unread = unreadIn(answer);
  const filters = (answer.filters ?? []).filter((it) => it && !isCut(it));
  return {
    folders: filters.flatMap((it) => folderOf(it, account.selfId) ?? []),
    unread: unread ? whatIs(unread) : null,
  };
}

/** undefined: the list of all chats, which is no folder. */
function folderOf(filter: Api.TypeDialogFilter, self: bigint): Folder | undefined {
  if (!(filter instanceof Api.DialogFilter || filter instanceof Api.DialogFilterChatlist)) return undefined;
  const peersOf = (list: readonly Api.TypeInputPeer[]) => list.flatMap((it) => peerOf(it, self) ?? []);
  const isRuled = filter instanceof Api.DialogFilter;
  return {
    title: titleOf(filter.title),
    included: peersOf([...filter.pinnedPeers, ...filter.includePeers]),
    excluded: isRuled ? peersOf(filter.excludePeers).map((it) => it.id) : [],
    rules: isRuled ? rulesOf(filter) : null,
  };
}

/** Older layers have a plain text. */
function titleOf(title: Api.TypeTextWithEntities | string): string {
  return typeof title === 'string' ? title : title.text;
}

function rulesOf(it: Api.DialogFilter): FolderRules | null {
  const [contacts, nonContacts, groups, channels, bots] = [
    it.contacts,
    it.nonContacts,
    it.groups,
    it.broadcasts,
    it.bots,
  ].map(Boolean) as [boolean, boolean, boolean, boolean, boolean];
  if (!(contacts || nonContacts || groups || channels || bots)) return null;
  const exclude = {
    excludeMuted: Boolean(it.excludeMuted),
    excludeRead: Boolean(it.excludeRead),
    excludeArchived: Boolean(it.excludeArchived),
  };
  return { contacts, nonContacts, groups, channels, bots, ...exclude };
}

function peerOf(peer: Api.TypeInputPeer, self: bigint): FolderPeer | undefined {
  const hash = (it: { toString(): string }) => BigInt(it.toString()) || null;
  if (peer instanceof Api.InputPeerSelf) return { id: self, accessHash: null };
  if (peer instanceof Api.InputPeerChat) return { id: groupMarkedId(peer.chatId), accessHash: null };
  if (peer instanceof Api.InputPeerUser) return { id: userMarkedId(peer.userId), accessHash: hash(peer.accessHash) };
  if (peer instanceof Api.InputPeerChannel)
    return { id: channelMarkedId(peer.channelId), accessHash: hash(peer.accessHash) };
  if (peer instanceof Api.InputPeerUserFromMessage) return { id: userMarkedId(peer.userId), accessHash: null };
  if (peer instanceof Api.InputPeerChannelFromMessage) return { id: channelMarkedId(peer.channelId), accessHash: null };
  return undefined;
}
