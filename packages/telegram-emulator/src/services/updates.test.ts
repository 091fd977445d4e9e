/** What has changed since a pts: for the account, and for each channel. */
import { expect, test } from 'vitest';
import type { TlObject } from '../tl/value.js';
import { directClient, inputChannel } from '../world/direct-client.js';
import { react } from '../world/live/index.js';
import { World, type WorldOptions } from '../world/world.js';

const START = 1_770_000_000;

function setUp(options: WorldOptions = {}) {
  const clock = { now: START };
  const world = new World({ now: () => clock.now, ...options });
  const cats = world.addChannel({ title: 'Cats' });
  const alice = world.addUser({ title: 'Alice' });
  cats.addMessages(3);
  alice.addMessages(2);
  clock.now += 100;
  const ask = directClient(world);
  const since = (pts: number, date = clock.now): TlObject => ask('updates.getDifference', { pts, date, qts: 0 });
  const filter = { _: 'channelMessagesFilterEmpty' };
  const channelSince = (pts: number, limit = 100): TlObject =>
    ask('updates.getChannelDifference', { channel: inputChannel(world, cats.id), filter, pts, limit });
  return { clock, world, cats, alice, ask, since, channelSince };
}

test('the account difference shows only chats in its own sequence, and names the channels that have one to ask for', () => {
  const { world, cats, alice, ask, since } = setUp();
  const { pts } = ask('updates.getState') as unknown as { pts: number };
  expect(since(pts)._).toBe('updates.differenceEmpty');
  cats.addMessage();
  const behind = { _: 'updateChannelTooLong', channel_id: cats.bareId, pts: cats.log.pts };
  expect(since(pts)).toMatchObject({ new_messages: [], other_updates: [behind], chats: [{ id: cats.bareId }] });
  expect(since(pts, world.now() + 1)._).toBe('updates.differenceEmpty');
  const added = alice.addMessage({ text: 'new' });
  alice.editMessage(1, { text: 'changed' });
  alice.deleteMessage(2);
  const answer = since(pts, world.now() + 1);
  expect(answer).toMatchObject({ new_messages: [{ id: added.id, message: 'new' }], state: { pts: world.log.pts } });
  expect(answer['other_updates']).toMatchObject([
    { _: 'updateEditMessage', message: { message: 'changed' }, pts: 0, pts_count: 0 },
    { _: 'updateDeleteMessages', messages: [2], pts: 0, pts_count: 0 },
  ]);
  expect(answer['users']).toMatchObject([{ id: alice.bareId }]);
});

test('a difference shows messages as they are now', () => {
  const { cats, alice, world, since, channelSince } = setUp();
  for (const chat of [cats, alice]) {
    const { pts } = chat.log;
    const [edited, gone, both] = chat.addMessages(3);
    chat.editMessage(1, { text: 'first' });
    chat.editMessage(edited!.id, { text: 'once' });
    chat.editMessage(1, { text: 'last' });
    chat.editMessage(edited!.id, { text: 'twice' });
    chat.editMessage(gone!.id, { text: 'in vain' });
    chat.deleteMessages([gone!.id, both!.id]);
    const answer = chat === cats ? channelSince(pts) : since(pts, world.now() + 1);
    expect(answer['new_messages']).toMatchObject([{ id: edited!.id, message: 'twice' }]);
    expect(answer['other_updates']).toMatchObject([
      { message: { id: 1, message: 'last' } },
      { message: { id: edited!.id, message: 'twice' } },
      { messages: [gone!.id, both!.id] },
    ]);
  }
});

test('a channel has a difference of its own, in slices of a size that tests choose', () => {
  const { world, cats, channelSince } = setUp({ boxes: { channelSlice: 2 } });
  const { pts } = cats.log;
  expect(channelSince(pts)).toMatchObject({ _: 'updates.channelDifferenceEmpty', pts });
  cats.addMessages(3);
  cats.deleteMessages([1, 2]);
  const part = channelSince(pts);
  expect(part).toMatchObject({ _: 'updates.channelDifference', pts: pts + 2, new_messages: [{ id: 4 }, { id: 5 }] });
  expect(part['final']).toBeUndefined();
  const rest = channelSince(pts + 2);
  expect(rest).toMatchObject({ final: true, pts: pts + 5, new_messages: [{ id: 6 }] });
  const deletion = { channel_id: cats.bareId, messages: [1, 2], pts: pts + 5, pts_count: 2 };
  expect(rest['other_updates']).toMatchObject([deletion]);
  // A client between two deletions that came as one gets both.
  expect(channelSince(pts + 4)).toMatchObject({ pts: pts + 5, other_updates: [deletion] });
  world.boxes.channelSlice = 100;
  expect(channelSince(pts)).toMatchObject({ final: true, pts: pts + 5 });
});

test('the account difference comes in slices, and only the last one tells what is in no sequence', () => {
  const { world, cats, alice, since } = setUp({ boxes: { slice: 2 } });
  const { pts } = world.log;
  const date = world.now();
  const [, second, third] = alice.addMessages(3);
  react(cats, 1, alice, '👍');
  const { seq } = world.loose;
  const slice = since(pts, date);
  expect(slice).toMatchObject({ _: 'updates.differenceSlice', other_updates: [] });
  expect(slice).toMatchObject({ intermediate_state: { pts: pts + 2, date }, new_messages: [{}, { id: second!.id }] });
  const last = since(pts + 2, date);
  expect(last).toMatchObject({
    _: 'updates.difference',
    state: { pts: pts + 3, seq },
    new_messages: [{ id: third!.id }],
  });
  expect(last['other_updates']).toMatchObject([{ _: 'updateMessageReactions', msg_id: 1 }]);
});

test('a channel may be made to tell of another one', () => {
  const { world, cats, channelSince } = setUp();
  const dogs = world.addChannel({ title: 'Dogs' });
  const { pts } = cats.log;
  cats.addMessage();
  dogs.addMessages(2);
  dogs.deleteMessage(1);
  world.misplaced.set(cats, dogs);
  expect(channelSince(pts)).toMatchObject({
    pts: pts + 1,
    new_messages: [{ id: 4 }, { id: 2 }],
    other_updates: [{ channel_id: dogs.bareId, messages: [1] }],
  });
});

test('what is no longer remembered must be read again', () => {
  const { world, cats, alice, since, channelSince } = setUp({ boxes: { size: 4, channelSize: 3 } });
  const [pts, account] = [cats.log.pts, world.log.pts];
  cats.addMessages(4);
  alice.addMessages(5);
  expect(channelSince(pts)).toMatchObject({ _: 'updates.channelDifferenceTooLong', dialog: { pts: pts + 4 } });
  expect(channelSince(pts + 1)['new_messages']).toHaveLength(3);
  expect(since(account)).toEqual({ _: 'updates.differenceTooLong', pts: account + 5 });
  expect(since(account + 1)['new_messages']).toHaveLength(4);
  world.boxes.size = 2;
  expect(since(account + 1)._).toBe('updates.differenceTooLong');
  cats.removed = true;
  expect(() => channelSince(pts)).toThrow('CHANNEL_PRIVATE');
});

test('a pts that nobody can have is refused, and so are other things that the documentation forbids', () => {
  const { world, cats, since, channelSince } = setUp();
  const [account, channel] = [world.log.pts, cats.log.pts];
  for (const [ask, pts] of [[since, account] as const, [channelSince, channel] as const]) {
    expect(() => ask(pts + 1)).toThrow('PERSISTENT_TIMESTAMP_INVALID');
    expect(() => ask(-1)).toThrow('PERSISTENT_TIMESTAMP_INVALID');
    expect(() => ask(0)).toThrow('PERSISTENT_TIMESTAMP_EMPTY');
  }
  expect(() => since(account, 0)).toThrow('DATE_EMPTY');
  expect(() => channelSince(channel, 9)).toThrow('LIMIT_INVALID');
  expect(() => channelSince(channel, 101)).toThrow('LIMIT_INVALID');
  // Official clients ask so when they know nothing.
  expect(channelSince(1, 1)).toMatchObject({ _: 'updates.channelDifferenceTooLong', dialog: { pts: channel } });
  cats.log.reset(channel - 2);
  expect(() => channelSince(channel)).toThrow('PERSISTENT_TIMESTAMP_INVALID');
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
