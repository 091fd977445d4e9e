/** What has changed since a pts: for the account, and for each channel. */
import { expect, test } from 'vitest';
import type { TlObject } from '../tl/value.js';
import { directClient, inputChannel } from '../world/direct-client.js';
import { World } from '../world/world.js';

function setUp() {
  const world = new World();
  const cats = world.addChannel({ title: 'Cats' });
  const alice = world.addUser({ title: 'Alice' });
  cats.addMessages(3);
  alice.addMessages(2);
  const ask = directClient(world);
  const since = (pts: number): TlObject => ask('updates.getDifference', { pts, date: 0, qts: 0 });
  const filter = { _: 'channelMessagesFilterEmpty' };
  const channelSince = (pts: number, limit = 100): TlObject =>
    ask('updates.getChannelDifference', { channel: inputChannel(world, cats.id), filter, pts, limit });
  return { world, cats, alice, ask, since, channelSince };
}

test('the account difference covers only chats in its own sequence', () => {
  const { world, cats, alice, ask, since } = setUp();
  const { pts } = ask('updates.getState') as unknown as { pts: number };
  expect(since(pts)._).toBe('updates.differenceEmpty');
  cats.addMessage();
  expect(since(pts)._).toBe('updates.differenceEmpty');
  const added = alice.addMessage({ text: 'new' });
  alice.editMessage(1, { text: 'changed' });
  alice.deleteMessage(2);
  const answer = since(pts);
  expect(answer).toMatchObject({ new_messages: [{ id: added.id, message: 'new' }], state: { pts: world.log.pts } });
  expect(answer['other_updates']).toMatchObject([
    { _: 'updateEditMessage', message: { message: 'changed' } },
    { _: 'updateDeleteMessages', messages: [2], pts: world.log.pts, pts_count: 1 },
  ]);
  expect(answer['users']).toMatchObject([{ id: alice.bareId }]);
});

test('a channel has a difference of its own, in parts if necessary', () => {
  const { cats, channelSince } = setUp();
  const { pts } = cats.log;
  expect(channelSince(pts)).toMatchObject({ _: 'updates.channelDifferenceEmpty', pts });
  cats.addMessages(3);
  cats.deleteMessage(1);
  const part = channelSince(pts, 2);
  expect(part).toMatchObject({ _: 'updates.channelDifference', pts: pts + 2, new_messages: [{ id: 4 }, { id: 5 }] });
  expect(part['final']).toBeUndefined();
  const rest = channelSince(pts + 2);
  expect(rest).toMatchObject({ final: true, new_messages: [{ id: 6 }] });
  expect(rest['other_updates']).toMatchObject([{ channel_id: cats.bareId, messages: [1] }]);
});

test('what is no longer remembered must be read again', () => {
  const { world, cats, since, channelSince } = setUp();
  const { pts } = cats.log;
  const account = world.log.pts;
  cats.log.skip(10);
  world.log.skip(10);
  expect(channelSince(pts)).toMatchObject({ _: 'updates.channelDifferenceTooLong', dialog: { pts: pts + 10 } });
  expect(since(account)).toEqual({ _: 'updates.differenceTooLong', pts: account + 10 });
  expect(() => since(account + 100)).toThrow('PERSISTENT_TIMESTAMP_INVALID');
  cats.removed = true;
  expect(() => channelSince(pts)).toThrow('CHANNEL_PRIVATE');
});

test('listeners get every event', () => {
  const { world, cats } = setUp();
  const received: string[] = [];
  const stop = world.onUpdate(({ kind, ids }) => received.push(`${kind} ${ids.join()}`));
  cats.addMessage();
  cats.deleteMessage(4);
  stop();
  cats.addMessage();
  expect(received).toEqual(['new 4', 'delete 4']);
});
