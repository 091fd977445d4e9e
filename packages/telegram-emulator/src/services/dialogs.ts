/**
 * dialogs.ts: the list of chats, in pages. Pinned ones come first, on the first page only; folder 1 is the archive, and
 * without a folder both are listed together.
 */
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { folderTl } from '../world/folder.js';
import { mentionedPeers } from '../world/mentioned-peers.js';
import { messageTl } from '../world/message-tl.js';
import { knownPeer } from '../world/resolve.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';
import { comparePositions, isAfter, positionOf } from './dialog-order.js';
import { pageLimit } from './history-window.js';
import { stateTl } from './updates.js';

function dialogTl(chat: Chat): TlObject {
  const top = chat.readable ? chat.store.topId : 0;
  return {
    _: 'dialog',
    pinned: chat.pinned === undefined ? undefined : true,
    peer: chat.peer,
    top_message: top,
    read_inbox_max_id: top,
    read_outbox_max_id: top,
    unread_count: chat.unread.messages,
    unread_mentions_count: chat.unread.mentions,
    unread_reactions_count: 0,
    unread_poll_votes_count: 0,
    notify_settings: notifySettingsTl(chat.mutedUntil),
    pts: chat.ownSequence && chat.readable ? chat.log.pts : undefined,
    folder_id: chat.archived ? 1 : undefined,
  };
}

/** The fields of every list of dialogs: the dialogs, their newest messages, and everybody mentioned. */
function listed(world: World, chats: readonly Chat[]): { [field: string]: unknown } {
  const dialogs = chats.map(dialogTl);
  const messages: TlObject[] = [];
  for (const chat of chats) {
    const top = chat.readable ? chat.store.get(chat.store.topId) : undefined;
    if (top) messages.push(messageTl(chat, top));
  }
  return { dialogs, messages, ...mentionedPeers(world, [dialogs, messages]) };
}

/** The chats of a folder: the pinned ones in their order, then the rest, newest first. */
function folderOf(world: World, folder: number | undefined): { pinned: Chat[]; rest: Chat[] } {
  if (folder !== undefined && folder !== 0 && folder !== 1) throw new RpcError(400, 'FOLDER_ID_INVALID');
  const chats = world.chats.filter((it) => it.listed && (folder === undefined || it.archived === (folder === 1)));
  const order = (it: Chat): number => (it.archived ? 1_000_000 : 0) + (it.pinned ?? 0);
  return {
    pinned: chats.filter((it) => it.pinned !== undefined).sort((a, b) => order(a) - order(b)),
    rest: chats.filter((it) => it.pinned === undefined).sort((a, b) => comparePositions(positionOf(a), positionOf(b))),
  };
}

function getDialogs(world: World, { query }: Call): TlObject {
  const { pinned, rest } = folderOf(world, query['folder_id'] as number | undefined);
  const peer = query['offset_peer'] as TlObject;
  const offsetChat = peer._ === 'inputPeerEmpty' ? undefined : knownPeer(world, peer, 'OFFSET_PEER_ID_INVALID');
  const offset = {
    offsetDate: query['offset_date'] as number,
    offsetId: query['offset_id'] as number,
    id: offsetChat?.id,
  };
  const first = !offset.offsetDate && !offset.offsetId && !offsetChat;
  const chatPosition = offsetChat && positionOf(offsetChat);
  const top = first && !query['exclude_pinned'] ? pinned : [];
  const found = [...top, ...rest.filter((it) => isAfter(positionOf(it), offset, chatPosition))];
  const page = found.slice(0, pageLimit(query['limit'] as number));
  const count = rest.length + (query['exclude_pinned'] ? 0 : pinned.length);
  if (page.length === count) return { _: 'messages.dialogs', ...listed(world, page) };
  return { _: 'messages.dialogsSlice', count, ...listed(world, page) };
}

function getPeerDialogs(world: World, { query }: Call): TlObject {
  const inputs = query['peers'] as TlObject[];
  const chats = inputs.flatMap((it) => {
    if (it._ !== 'inputDialogPeerFolder') return [knownPeer(world, it['peer'] as TlObject)];
    const { pinned, rest } = folderOf(world, it['folder_id'] as number);
    return [...pinned, ...rest];
  });
  return { _: 'messages.peerDialogs', ...listed(world, [...new Set(chats)]), state: stateTl(world) };
}

function getPinnedDialogs(world: World, { query }: Call): TlObject {
  const { pinned } = folderOf(world, query['folder_id'] as number);
  return { _: 'messages.peerDialogs', ...listed(world, pinned), state: stateTl(world) };
}

/** As the account saved them; the list of all chats is one of them. */
function getDialogFilters(world: World): TlObject {
  const folders = [...world.folders].map(([id, it]) => folderTl(it, id));
  return { _: 'messages.dialogFilters', filters: [{ _: 'dialogFilterDefault' }, ...folders] };
}

const NOTIFY_KINDS = {
  inputNotifyUsers: 'users',
  inputNotifyChats: 'chats',
  inputNotifyBroadcasts: 'broadcasts',
} as const;
const FOR_EVER = 2 ** 31 - 1;

/** Of one chat, or of all chats of a kind that have no setting of their own. */
function getNotifySettings(world: World, { query }: Call): TlObject {
  const peer = query['peer'] as TlObject;
  if (peer._ === 'inputNotifyPeer') return notifySettingsTl(knownPeer(world, peer['peer'] as TlObject).mutedUntil);
  const kind = NOTIFY_KINDS[peer._ as keyof typeof NOTIFY_KINDS];
  if (!kind) throw new RpcError(400, 'PEER_ID_INVALID');
  return notifySettingsTl(world.mutedKinds.has(kind) ? FOR_EVER : 0);
}

function notifySettingsTl(mutedUntil: number | undefined): TlObject {
  return { _: 'peerNotifySettings', mute_until: mutedUntil };
}

/** The service for the list of chats. */
export const dialogsService = (world: World): Service =>
  accountOnly({
    'messages.getDialogs': (call) => getDialogs(world, call),
    'messages.getPeerDialogs': (call) => getPeerDialogs(world, call),
    'messages.getPinnedDialogs': (call) => getPinnedDialogs(world, call),
    'account.getNotifySettings': (call) => getNotifySettings(world, call),
    'messages.getDialogFilters': () => getDialogFilters(world),
  });
