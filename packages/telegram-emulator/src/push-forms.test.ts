/** Every container in which the server pushes updates, and which `seq` and peers it has. */
import { afterEach, expect, test } from 'vitest';
import type { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import type { Chat } from './world/chat.js';
import { pin, react, resetPts, setViews, typing } from './world/live/index.js';
import { World } from './world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

async function start(): Promise<{ world: World; cats: Chat; alice: Chat; group: Chat; client: RawClient }> {
  const world = new World();
  const cats = world.addChannel({ title: 'cats' });
  const alice = world.addUser({ title: 'Alice' });
  const group = world.addGroup({ title: 'group' });
  for (const chat of [cats, alice, group]) chat.addMessages(2);
  emulator = await startEmulator({ world });
  const client = await login(emulator);
  await client.call({ _: 'updates.getState' });
  client.arrived.splice(0);
  return { world, cats, alice, group, client };
}

/** Everything that was pushed so far. */
async function pushed(client: RawClient): Promise<TlObject[]> {
  client.service({ _: 'ping', ping_id: 1n });
  await client.nextNamed('pong');
  const all = client.arrived.splice(0).map((it) => it.object as TlObject);
  return all.filter((it) => it._.startsWith('update'));
}

test('what is in no pts sequence has the next seq, and a difference repeats it', async () => {
  const { world, cats, alice, client } = await start();
  const { seq, pts } = (await client.call({ _: 'updates.getState' })) as unknown as { seq: number; pts: number };
  const date = world.now();
  setViews(cats, 1, 5);
  cats.addMessage();
  react(alice, alice.store.topId, alice, '👍');
  expect(await pushed(client)).toMatchObject([
    { _: 'updates', seq: seq + 1, updates: [{ _: 'updateChannelMessageViews', views: 5 }] },
    { _: 'updates', seq: 0, updates: [{ _: 'updateNewChannelMessage' }] },
    { _: 'updates', seq: seq + 2, updates: [{ _: 'updateMessageReactions' }], users: [{ id: alice.bareId }] },
  ]);
  const difference = await client.call({ _: 'updates.getDifference', pts, date, qts: 0 });
  expect(difference).toMatchObject({ state: { seq: seq + 2 } });
  expect((difference['other_updates'] as TlObject[]).map((it) => it._)).toEqual([
    'updateChannelMessageViews',
    'updateMessageReactions',
    'updateChannelTooLong',
  ]);
});

test('several events come in one container, with the first and the last seq', async () => {
  const { world, cats, alice, client } = await start();
  const { seq } = world.loose;
  const end = emulator.pushes.form({ combine: 3 });
  setViews(cats, 1, 5);
  alice.addMessage({ text: 'hello' });
  expect(await pushed(client)).toEqual([]);
  setViews(cats, 1, 6);
  const [combined] = await pushed(client);
  expect(combined).toMatchObject({ _: 'updatesCombined', seq_start: seq + 1, seq: seq + 2 });
  expect(combined).toMatchObject({ users: [{ id: alice.bareId }], chats: [{ id: cats.bareId }] });
  expect((combined!['updates'] as TlObject[]).map((it) => it._)).toEqual([
    'updateChannelMessageViews',
    'updateNewMessage',
    'updateChannelMessageViews',
  ]);
  alice.addMessage();
  alice.addMessage();
  end();
  const [rest] = await pushed(client);
  expect(rest).toMatchObject({ _: 'updates', seq: 0, updates: [{ pts_count: 1 }, { pts_count: 1 }] });
});

test('plain messages come in the shortest form, others do not', async () => {
  const { world, cats, alice, group, client } = await start();
  const { pts } = world.log;
  emulator.pushes.form({ short: true });
  const entities = [{ _: 'messageEntityBold', offset: 0, length: 2 }];
  const { id } = alice.addMessage({ text: 'hello', entities, replyTo: alice.store.topId });
  alice.addMessage({ text: 'mine', from: world.account.userId });
  group.addMessage({ text: 'to all', from: alice });
  alice.addMessage({ photo: world.addPhoto() });
  cats.addMessage({ text: 'a post' });
  alice.deleteMessage(id);
  pin(cats, [1]);
  const user_id = alice.bareId;
  const [chat_id, from_id] = [group.bareId, alice.bareId];
  const forms = await pushed(client);
  expect(forms).toMatchObject([
    { _: 'updateShortMessage', user_id, id, message: 'hello', entities, reply_to: {}, pts: pts + 1, pts_count: 1 },
    { _: 'updateShortMessage', user_id, out: true, message: 'mine', pts: pts + 2 },
    { _: 'updateShortChatMessage', chat_id, from_id, message: 'to all', pts: pts + 3 },
    { _: 'updates', updates: [{ _: 'updateNewMessage' }] },
    { _: 'updates', updates: [{ _: 'updateNewChannelMessage' }] },
    { _: 'updateShort', update: { _: 'updateDeleteMessages', messages: [id], pts: pts + 5 } },
    { _: 'updateShort', update: { _: 'updatePinnedChannelMessages', messages: [1] } },
  ]);
});

test('typing is in no sequence', async () => {
  const { world, alice, client } = await start();
  const { seq } = world.loose;
  typing(alice);
  expect(await pushed(client)).toMatchObject([{ _: 'updateShort', update: { _: 'updateUserTyping' } }]);
  expect(world.loose.seq).toBe(seq);
});

test('clients are told that they must ask for a difference', async () => {
  const { world, cats, alice, client } = await start();
  emulator.pushes.tooLong();
  emulator.pushes.channelTooLong(cats);
  resetPts(world, 1);
  emulator.pushes.unknown();
  emulator.pushes.unknown({ whole: true });
  const update = { _: 'updateChannelTooLong', channel_id: cats.bareId, pts: cats.log.pts };
  client.service({ _: 'ping', ping_id: 1n });
  await client.nextNamed('pong');
  expect(client.arrived.splice(0).map((it) => it.object)).toMatchObject([
    { _: 'updatesTooLong' },
    { _: 'updateShort', update },
    { _: 'updateShort', update: { _: 'updatePtsChanged' } },
    { _: 'unreadable' },
    { _: 'unreadable' },
  ]);
  alice.addMessage();
  expect(await pushed(client)).toMatchObject([{ updates: [{ pts: 2, pts_count: 1 }] }]);
});

test('the session becomes a new one on demand', async () => {
  const { client } = await start();
  emulator.pushes.newSession();
  const first = await client.nextNamed('new_session_created');
  emulator.pushes.newSession();
  const second = await client.nextNamed('new_session_created');
  expect(first['unique_id']).not.toBe(second['unique_id']);
  expect(await client.call({ _: 'updates.getState' })).toMatchObject({ _: 'updates.state' });
});
