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
