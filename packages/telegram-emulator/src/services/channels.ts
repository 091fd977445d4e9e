/**
 * channels.ts: groups, supergroups and channels by id, their full forms, and the topics of forums.
 */
import { RpcError, type Call, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import type { Chat, Topic } from '../world/chat.js';
import { chatTl } from '../world/chat-tl.js';
import { mentionedPeers } from '../world/mentioned-peers.js';
import { messageTl, renderTree } from '../world/message-tl.js';
import { findGroup, knownChannel, readableChannel, readablePeer } from '../world/resolve.js';
import { topicTl } from '../world/topic-tl.js';
import type { World } from '../world/world.js';
import { accountOnly } from './account-only.js';
import { pageLimit } from './history-window.js';

const chatsTl = (chats: readonly Chat[]): TlObject => ({ _: 'messages.chats', chats: chats.map(chatTl) });

function groupOf(world: World, id: unknown): Chat {
  const chat = findGroup(world, id);
  if (!chat) throw new RpcError(400, 'CHAT_ID_INVALID');
  return chat;
}

function fullAnswer(world: World, chat: Chat, full: TlObject): TlObject {
  const also = [chat, chat.linked, chat.migratedFrom].filter((it) => it !== undefined);
  return { _: 'messages.chatFull', full_chat: full, ...mentionedPeers(world, [full], also) };
}

function pinnedId(chat: Chat): number | undefined {
  for (let index = chat.store.size - 1; index >= 0; index -= 1) {
    const message = chat.store.at(index);
    if (message.fields?.['pinned']) return message.id;
  }
  return undefined;
}

function getFullChat(world: World, { query }: Call): TlObject {
  const chat = groupOf(world, query['chat_id']);
  const { userId } = world.account;
  const others = chat.members.map((id) => ({ _: 'chatParticipant', user_id: id, inviter_id: userId, date: chat.date }));
  const participants = chat.removed
    ? { _: 'chatParticipantsForbidden', chat_id: chat.bareId }
    : {
        _: 'chatParticipants',
        chat_id: chat.bareId,
        participants: [{ _: 'chatParticipantCreator', user_id: userId }, ...others],
        version: 1,
      };
  return fullAnswer(world, chat, {
    _: 'chatFull',
    id: chat.bareId,
    about: chat.options.about ?? '',
    participants,
    chat_photo: renderTree(world, chat.options.photo),
    notify_settings: { _: 'peerNotifySettings' },
    pinned_msg_id: pinnedId(chat),
    folder_id: chat.archived ? 1 : undefined,
  });
}

function getFullChannel(world: World, { query }: Call): TlObject {
  const chat = readableChannel(world, query['channel'] as TlObject);
  const photo = renderTree(world, chat.options.photo);
  return fullAnswer(world, chat, {
    _: 'channelFull',
    can_view_participants: chat.kind === 'supergroup' || undefined,
    id: chat.bareId,
    about: chat.options.about ?? '',
    participants_count: chat.members.length + 1,
    read_inbox_max_id: chat.store.topId,
    read_outbox_max_id: chat.store.topId,
    unread_count: 0,
    chat_photo: photo ?? { _: 'photoEmpty', id: 0n },
    notify_settings: { _: 'peerNotifySettings' },
    bot_info: [],
    migrated_from_chat_id: chat.migratedFrom?.bareId,
    migrated_from_max_id: chat.migratedFrom?.store.topId,
    pinned_msg_id: pinnedId(chat),
    folder_id: chat.archived ? 1 : undefined,
    linked_chat_id: chat.linked?.bareId,
    available_min_id: chat.availableMinId || undefined,
    ttl_period: chat.ttlPeriod,
    pts: chat.log.pts,
  });
}

/** The forum that a call names: as a channel, or as a peer in layers that have these methods in `messages`. */
function forumOf(world: World, { query }: Call): Chat {
  const { channel, peer } = query as { channel?: TlObject; peer?: TlObject };
  const chat = channel ? readableChannel(world, channel) : readablePeer(world, peer!);
  if (!chat.options.forum) throw new RpcError(400, 'CHANNEL_FORUM_MISSING');
  return chat;
}

function topicsAnswer(world: World, chat: Chat, page: readonly Topic[], count: number): TlObject {
  const topics = page.map((it) => topicTl(chat, it));
  const messages = topics.flatMap((it) => {
    const top = chat.store.get(it['top_message'] as number);
    return top ? [messageTl(chat, top)] : [];
  });
  const peers = mentionedPeers(world, [topics, messages], [chat]);
  return {
    _: 'messages.forumTopics',
    order_by_create_date: true,
    count,
    topics,
    messages,
    ...peers,
    pts: chat.log.pts,
  };
}

/** Newest topics first; a page starts below `offset_topic`. */
function getForumTopics(world: World, call: Call): TlObject {
  const chat = forumOf(world, call);
  const offset = (call.query['offset_topic'] as number) || Infinity;
  const found = chat.topics.filter((it) => it.id < offset).sort((a, b) => b.id - a.id);
  return topicsAnswer(world, chat, found.slice(0, pageLimit(call.query['limit'] as number)), chat.topics.length);
}

function getForumTopicsByID(world: World, call: Call): TlObject {
  const chat = forumOf(world, call);
  const wanted = call.query['topics'] as number[];
  const found = chat.topics.filter((it) => wanted.includes(it.id));
  return topicsAnswer(world, chat, found, found.length);
}

/** The service for groups and channels. */
export const channelsService = (world: World): Service =>
  accountOnly({
    'messages.getChats': ({ query }) => chatsTl((query['id'] as bigint[]).map((id) => groupOf(world, id))),
    'messages.getFullChat': (call) => getFullChat(world, call),
    'channels.getChannels': ({ query }) => chatsTl((query['id'] as TlObject[]).map((it) => knownChannel(world, it))),
    'channels.getFullChannel': (call) => getFullChannel(world, call),
    'channels.getForumTopics': (call) => getForumTopics(world, call),
    'channels.getForumTopicsByID': (call) => getForumTopicsByID(world, call),
    'messages.getForumTopics': (call) => getForumTopics(world, call),
    'messages.getForumTopicsByID': (call) => getForumTopicsByID(world, call),
  });
