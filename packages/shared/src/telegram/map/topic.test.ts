/** Topics of an answer → rows; what was deleted or could not be read is left out. Service messages → what they change. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { topicChange, topicRows } from './topic.js';

test('topics are their ids and titles', () => {
  const parts = { id: 4, date: 1, iconColor: 1, topMessage: 9, fromId: undefined, notifySettings: undefined };
  const topic = new Api.ForumTopic({ ...parts, title: 'Cats\0' } as never);
  expect(topicRows([topic, new Api.ForumTopicDeleted({ id: 5 }), null])).toEqual([
    { id: 4n, title: 'Cats\uFFFD', closed: false, hidden: false },
  ]);
  expect(topicRows(undefined)).toEqual([]);
});

const service = (action: Api.TypeMessageAction, replyTo?: Api.MessageReplyHeader) => {
  const peerId = new Api.PeerChannel({ channelId: bigInt(1) });
  return new Api.MessageService({ id: 7, peerId, date: 1, action, replyTo });
};
const edited = (changes: object) => new Api.MessageActionTopicEdit(changes);
const inTopic = new Api.MessageReplyHeader({ forumTopic: true, replyToMsgId: 4 });

test('a service message says what it changes, and nothing of the rest', () => {
  expect(topicChange(service(new Api.MessageActionTopicCreate({ title: 'Cats\0', iconColor: 1 })))).toEqual({
    id: 7n,
    title: 'Cats\uFFFD',
  });
  expect(topicChange(service(edited({ title: 'Kittens' }), inTopic))).toEqual({ id: 4n, title: 'Kittens' });
  expect(topicChange(service(edited({ closed: false }), inTopic))).toEqual({ id: 4n, closed: false });
  const answer = new Api.MessageReplyHeader({ forumTopic: true, replyToMsgId: 6, replyToTopId: 4 });
  expect(topicChange(service(edited({ closed: true }), answer))).toEqual({ id: 4n, closed: true });
  expect(topicChange(service(edited({ hidden: true })))).toEqual({ id: 1n, hidden: true });
  expect(topicChange(service(new Api.MessageActionPinMessage(), inTopic))).toBeUndefined();
});
