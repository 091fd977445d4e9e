/**
 * topics.ts: topics of a forum come and go. All but a deletion is told by service messages; a deleted topic is only known by
 * the deletion of its messages, the first of which gave it its id.
 */
import type { Chat, Topic } from '../chat.js';
import type { NewMessage } from '../message.js';
import { topicOf } from '../topic-tl.js';

/** Creates a topic; its id is that of the service message. */
export function createTopic(chat: Chat, title: string, message: Pick<NewMessage, 'date' | 'from'> = {}): Topic {
  if (!chat.options.forum) throw new Error(`${chat.title} is no forum`);
  const action = { _: 'messageActionTopicCreate', title, icon_color: 0x6fb9f0 };
  const { id, date, from } = chat.addMessage({ ...message, action });
  const topic = { id, title, date, from: from ?? chat.world.account.userId };
  chat.topics.push(topic);
  chat.world.record.note(chat, 'topic', [id]);
  return topic;
}

/** Renames, closes, reopens, hides or shows a topic. */
export function editTopic(
  chat: Chat,
  id: number,
  changes: { readonly title?: string; readonly closed?: boolean; readonly hidden?: boolean },
): void {
  const index = topicIndex(chat, id);
  chat.topics[index] = { ...chat.topics[index]!, ...changes };
  chat.addMessage({ replyTo: { id, forumTopic: true }, action: { _: 'messageActionTopicEdit', ...changes } });
  chat.world.record.note(chat, 'topic', [id]);
}

/** Pins a topic, or unpins it. */
export function pinTopic(chat: Chat, id: number, pinned = true): void {
  topicIndex(chat, id);
  const update = { _: 'updateChannelPinnedTopic', channel_id: chat.bareId, topic_id: id, pinned: pinned || undefined };
  chat.world.record.note(chat, 'topic', [id]);
  chat.world.announce(chat, update);
}

/** Deletes a topic with all its messages. */
export function deleteTopic(chat: Chat, id: number): void {
  chat.topics.splice(topicIndex(chat, id), 1);
  const ids = [...chat.messages].filter((it) => topicOf(it) === id).map((it) => it.id);
  chat.world.record.note(chat, 'topic', [id]);
  chat.deleteMessages(ids, 'topic');
}

function topicIndex(chat: Chat, id: number): number {
  const index = chat.topics.findIndex((it) => it.id === id);
  if (index < 0) throw new Error(`no topic ${id} in ${chat.title}`);
  return index;
}
