/**
 * chat-tl.ts: groups and channels as the server shows them in lists, in full, and in `chats` of an answer.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';

const ALLOWED: TlObject = { _: 'chatBannedRights', until_date: 0 };

/** The `InputChannel` of a supergroup or channel. */
export const inputChannelTl = (chat: Chat): TlObject => ({
  _: 'inputChannel',
  channel_id: chat.bareId,
  access_hash: chat.accessHash,
});

function chatPhotoTl(chat: Chat): TlObject {
  const { photo } = chat.options;
  return photo ? { _: 'chatPhoto', photo_id: photo.id, dc_id: photo.dc } : { _: 'chatPhotoEmpty' };
}

function groupTl(chat: Chat): TlObject {
  return {
    _: 'chat',
    creator: chat.options.creator || undefined,
    deactivated: chat.migratedTo ? true : undefined,
    noforwards: chat.options.noforwards || undefined,
    id: chat.bareId,
    title: chat.title,
    photo: chatPhotoTl(chat),
    participants_count: chat.migratedTo ? 0 : chat.members.length + 1,
    date: chat.date,
    version: 1,
    migrated_to: chat.migratedTo && inputChannelTl(chat.migratedTo),
    default_banned_rights: ALLOWED,
    ...chat.options.fields,
  };
}

function channelTl(chat: Chat): TlObject {
  const { options } = chat;
  const broadcast = chat.kind === 'channel';
  return {
    _: 'channel',
    creator: options.creator || undefined,
    left: chat.left || undefined,
    broadcast: broadcast || undefined,
    megagroup: broadcast ? undefined : true,
    signatures: options.signatures || undefined,
    has_link: chat.linked ? true : undefined,
    noforwards: options.noforwards || undefined,
    forum: options.forum || undefined,
    id: chat.bareId,
    access_hash: chat.accessHash,
    title: chat.title,
    username: chat.username,
    photo: chatPhotoTl(chat),
    date: chat.date,
    default_banned_rights: broadcast ? undefined : ALLOWED,
    participants_count: chat.members.length + 1,
    ...options.fields,
  };
}

/** A `Chat` of the schema; not for private chats, which are users. */
export function chatTl(chat: Chat): TlObject {
  if (chat.kind === 'group')
    return chat.removed ? { _: 'chatForbidden', id: chat.bareId, title: chat.title } : groupTl(chat);
  if (!chat.removed) return channelTl(chat);
  return {
    _: 'channelForbidden',
    broadcast: chat.kind === 'channel' || undefined,
    megagroup: chat.kind === 'supergroup' || undefined,
    id: chat.bareId,
    access_hash: chat.accessHash,
    title: chat.title,
  };
}
