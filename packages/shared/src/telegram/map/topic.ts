/** topic.ts: the topics of an answer, and what service messages say of them, as rows. Pure. */
import { Api } from '../wire/gramjs.js';
import { isCut } from '../wire/lenient-reader.js';
import type { TopicChange, TopicRow } from '../../db/topics.js';
import { cleanText } from './clean-text.js';

/** The topics that the messages of an answer belong to, as far as they could be read and were not deleted. */
export function topicRows(topics: unknown): TopicRow[] {
  if (!Array.isArray(topics)) return [];
  return (topics as unknown[]).flatMap((it) => {
    if (!(it instanceof Api.ForumTopic) || isCut(it)) return [];
    const { id, title, closed = false, hidden = false } = it;
    return [{ id: BigInt(id), title: cleanText(title), closed, hidden }];
  });
}

/** In every forum: the topic of messages that name none. */
const generalTopic = 1;

/** What a service message changes of a topic. */
export function topicChange(message: Api.TypeMessage): TopicChange | undefined {
  if (!(message instanceof Api.MessageService)) return undefined;
  const { id, action, replyTo } = message;
  if (action instanceof Api.MessageActionTopicCreate) return { id: BigInt(id), title: cleanText(action.title) };
  if (!(action instanceof Api.MessageActionTopicEdit)) return undefined;
  const reply = replyTo instanceof Api.MessageReplyHeader && replyTo.forumTopic ? replyTo : undefined;
  const { title, closed, hidden } = action;
  return {
    id: BigInt(reply?.replyToTopId ?? reply?.replyToMsgId ?? generalTopic),
    ...(title !== undefined && title !== null && { title: cleanText(title) }),
    ...(typeof closed === 'boolean' && { closed }),
    ...(typeof hidden === 'boolean' && { hidden }),
  };
}
