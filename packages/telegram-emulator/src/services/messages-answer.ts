/**
 * messages-answer.ts: wraps a list of messages in the answer type for its chat, with everybody it mentions.
 */
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { mentionedPeers } from '../world/mentioned-peers.js';
import { topicTl } from '../world/topic-tl.js';
import type { World } from '../world/world.js';

/** Facts about the list that the page was cut from. */
export interface Slice {
  readonly count: number;
  /** Whether the answer contains the whole list. */
  readonly complete: boolean;
  /** Position of the first message, if the client gave an offset. */
  readonly offset?: number;
}

/** `messages.channelMessages` for a supergroup or channel, else `messages.messages` or `messages.messagesSlice`. */
export function messagesAnswer(world: World, chat: Chat | undefined, messages: TlObject[], slice: Slice): TlObject {
  const topics = chat?.options.forum ? topicsOf(chat, messages) : [];
  const peers = mentionedPeers(world, [messages, topics], chat ? [chat] : []);
  const part = { count: slice.count, offset_id_offset: slice.offset, messages };
  if (chat?.ownSequence) return { _: 'messages.channelMessages', pts: chat.log.pts, ...part, topics, ...peers };
  if (slice.complete) return { _: 'messages.messages', messages, topics, ...peers };
  return { _: 'messages.messagesSlice', ...part, topics, ...peers };
}

/** The topics that the messages of a page belong to. */
function topicsOf(chat: Chat, messages: readonly TlObject[]): TlObject[] {
  const named = new Set<unknown>();
  for (const message of messages) {
    const reply = message['reply_to'] as TlObject | undefined;
    if (reply?.['forum_topic']) named.add(reply['reply_to_top_id'] ?? reply['reply_to_msg_id']);
  }
  return chat.topics.filter((it) => named.has(it.id)).map((it) => topicTl(chat, it));
}
