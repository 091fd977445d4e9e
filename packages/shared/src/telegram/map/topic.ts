/** topic.ts: the topics of an answer as rows. Pure. */
import { Api } from '../wire/gramjs.js';
import { isCut } from '../wire/lenient-reader.js';
import type { TopicRow } from '../../db/topics.js';
import { cleanText } from './clean-text.js';

/** The topics that the messages of an answer belong to, as far as they could be read and were not deleted. */
export function topicRows(topics: unknown): TopicRow[] {
  if (!Array.isArray(topics)) return [];
  return (topics as unknown[]).flatMap((it) =>
    it instanceof Api.ForumTopic && !isCut(it) ? [{ id: BigInt(it.id), title: cleanText(it.title) }] : [],
  );
}
