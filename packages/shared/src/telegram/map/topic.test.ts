/** Topics of an answer → their titles; what was deleted or could not be read is left out. */
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { topicRows } from './topic.js';

test('topics are their ids and titles', () => {
  const parts = { id: 4, date: 1, iconColor: 1, topMessage: 9, fromId: undefined, notifySettings: undefined };
  const topic = new Api.ForumTopic({ ...parts, title: 'Cats\0' } as never);
  expect(topicRows([topic, new Api.ForumTopicDeleted({ id: 5 }), null])).toEqual([
    { id: 4n, title: 'Cats\uFFFD', closed: false, hidden: false },
  ]);
  expect(topicRows(undefined)).toEqual([]);
});
