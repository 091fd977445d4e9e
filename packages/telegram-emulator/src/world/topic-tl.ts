/**
 * topic-tl.ts: topics of a forum: which messages belong to one, and how the server shows it.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat, Topic } from './chat.js';
import type { Message } from './message.js';
import { peerTl } from './peers.js';

/** The topic of every forum, for messages that name none. */
export const GENERAL_TOPIC = 1;

/** The topic of a message. */
export function topicOf(message: Message): number {
  const reply = message.fields?.['reply_to'] as TlObject | undefined;
  if (message.action?._ === 'messageActionTopicCreate') return message.id;
  if (!reply?.['forum_topic']) return GENERAL_TOPIC;
  return (reply['reply_to_top_id'] ?? reply['reply_to_msg_id']) as number;
}

/** A `forumTopic`. */
export function topicTl(chat: Chat, topic: Topic): TlObject {
  let top = topic.id;
  for (let index = chat.store.size - 1; index >= 0; index -= 1) {
    const message = chat.store.at(index);
    if (topicOf(message) !== topic.id) continue;
    top = message.id;
    break;
  }
  return {
    _: 'forumTopic',
    closed: topic.closed || undefined,
    hidden: topic.hidden || undefined,
    id: topic.id,
    peer: chat.peer,
    date: topic.date,
    title: topic.title,
    icon_color: 0x6fb9f0,
    top_message: top,
    read_inbox_max_id: top,
    read_outbox_max_id: top,
    unread_count: 0,
    unread_mentions_count: 0,
    unread_reactions_count: 0,
    unread_poll_votes_count: 0,
    from_id: peerTl(topic.from),
    notify_settings: { _: 'peerNotifySettings' },
  };
}
