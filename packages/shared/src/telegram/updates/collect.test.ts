/** What single updates mean for the rows of an archive. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api } from '../wire/gramjs.js';
import { Collector } from './collect.js';

const collected = (...updates: Api.TypeUpdate[]) => {
  const collector = new Collector(1n);
  for (const it of updates) collector.add(it);
  return collector.take();
};

test('a person has the username that is active, of several, or none', () => {
  const named = (usernames: Api.Username[]) =>
    collected(new Api.UpdateUserName({ userId: bigInt(5), firstName: 'Ann', lastName: 'Lee', usernames })).renamed;
  const username = (text: string, active: boolean) => new Api.Username({ username: text, active });
  expect(named([username('sold', false), username('ann', true), username('lee', true)])).toEqual([
    { id: 5n, name: 'Ann Lee', username: 'ann' },
  ]);
  expect(named([username('sold', false)])).toMatchObject([{ username: null }]);
});

test('a group that became a supergroup has changed, and so has the supergroup', () => {
  const migrated = new Api.MessageService({
    id: 9,
    peerId: new Api.PeerChat({ chatId: bigInt(3) }),
    date: 1,
    action: new Api.MessageActionChatMigrateTo({ channelId: bigInt(4) }),
  });
  const update = new Api.UpdateNewMessage({ message: migrated, pts: 2, ptsCount: 1 });
  expect(collected(update).changed).toEqual([-3n, -1_000_000_000_004n]);
});
