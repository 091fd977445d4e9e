/** Things from a newer layer are unreadable, or `messageMediaUnsupported`, wherever they appear, until unmarked. */
import { Api } from 'telegram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gramJs, logIn } from '../gramjs-client.js';
import type { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { inputChannel, inputPeer } from './direct-client.js';
import { World } from './world.js';

const NEWER = 227;
const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

let emulator: Emulator;
let world: World;
let cats: Chat;
let alice: Chat;
let client: RawClient;
beforeEach(async () => {
  world = new World();
  cats = world.addChannel({ title: 'cats' });
  cats.addMessages(3);
  alice = world.addUser({ title: 'Alice' });
  alice.addMessages(3);
  emulator = await startEmulator({ world });
  client = await login(emulator);
});
afterEach(() => emulator.close());

/** The calls that return a message of a chat. */
const ways = (chat: Chat, id: number, pts: number): TlObject[] => {
  const peer = inputPeer(world, chat.id);
  const ids = [{ _: 'inputMessageID', id }];
  const search = { q: '', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0 };
  return [
    { _: 'messages.getHistory', peer, ...page },
    { _: 'messages.search', peer, ...search, ...page },
    { _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer }] },
    { _: 'messages.getDialogs', ...page, offset_peer: { _: 'inputPeerEmpty' } },
    ...(chat.ownSequence
      ? [
          { _: 'channels.getMessages', channel: inputChannel(world, chat.id), id: ids },
          {
            _: 'updates.getChannelDifference',
            channel: inputChannel(world, chat.id),
            filter: { _: 'channelMessagesFilterEmpty' },
            pts,
            limit: 100,
          },
        ]
      : [
          { _: 'messages.getMessages', id: ids },
          { _: 'updates.getDifference', pts, date: 1, qts: 0 },
        ]),
  ];
};

/** What the client gets from each of these calls. */
const seen = async (chat: Chat, id: number, pts: number, by = client): Promise<TlObject[]> => {
  const answers: TlObject[] = [];
  for (const way of ways(chat, id, pts)) answers.push(await by.call(way));
  return answers;
};

const messageIn = (answer: TlObject, id: number): TlObject | undefined =>
  ((answer['messages'] ?? answer['new_messages']) as TlObject[]).find((it) => it['id'] === id);

test.each(['media', 'reply_markup', 'message'] as const)(
  'a %s with an unknown constructor makes every answer that contains it unreadable, until unmarked',
  async (part) => {
    for (const chat of [cats, alice]) {
      const { pts } = chat.log;
      const { id } = chat.addMessage({ text: 'a riddle' });
      const known = world.newer.message(chat, id, { part });
      for (const answer of await seen(chat, id, pts))
        expect(answer).toMatchObject({ _: 'unreadable', problem: expect.stringContaining('0xdeadbeef') });
      known();
      for (const answer of await seen(chat, id, pts))
        expect(messageIn(answer, id)).toMatchObject({ message: 'a riddle' });
    }
    expect(emulator.counters().encodeErrors).toEqual({});
  },
);

test('an action may be unknown, with any id and any bytes after it', async () => {
  const { pts } = cats.log;
  const { id } = cats.addMessage({
    action: { _: 'messageActionHistoryClear' },
    newer: { part: 'action', constructorId: 0x12345678, following: '01000000' },
  });
  for (const answer of (await seen(cats, id, pts)).filter((it) => it._ !== 'messages.channelMessages'))
    expect(answer).toMatchObject({
      problem: expect.stringContaining('messageService.action: unknown constructor 0x12345678'),
    });
  expect(() => world.newer.message(cats, id)).toThrow('has no media');
  expect(() => world.newer.message(cats, 99)).toThrow('no message 99');
  expect(() => cats.addMessage({ newer: { following: '0102' } })).toThrow('multiple of 4 bytes');
});

test('it is pushed as it is', async () => {
  await client.call({ _: 'updates.getState' });
  cats.addMessage({ text: 'a riddle', newer: {} });
  expect(await client.nextNamed('unreadable')).toMatchObject({ problem: expect.stringContaining('0xdeadbeef') });
  alice.addMessage({ text: 'no riddle' });
  expect(await client.nextNamed('updates')).toMatchObject({ updates: [{ message: { message: 'no riddle' } }] });
});

test('its neighbours can be read without it', async () => {
  world.newer.message(cats, 2);
  const peer = inputPeer(world, cats.id);
  const history = async (offset_id: number, limit: number): Promise<TlObject> =>
    client.call({ _: 'messages.getHistory', ...page, peer, offset_id, limit });
  expect(await history(0, 1)).toMatchObject({ messages: [{ id: 3 }] });
  expect(await history(3, 1)).toMatchObject({ _: 'unreadable' });
  expect(await history(2, 1)).toMatchObject({ messages: [{ id: 1 }] });
});

test('users and chats may be unknown, wherever they are mentioned', async () => {
  const group = world.addGroup({ title: 'dogs' });
  group.addMessage({ from: alice, text: 'wuff' });
  const peer = inputPeer(world, group.id);
  const getHistory = { _: 'messages.getHistory', ...page, peer };
  for (const [who, path] of [
    [alice, 'messages.messages.users'],
    [group, 'messages.messages.chats'],
  ] as const) {
    const known = world.newer.peer(who);
    expect(await client.call(getHistory)).toMatchObject({ problem: expect.stringContaining(`${path} › [`) });
    known();
    expect(await client.call(getHistory)).toMatchObject({ messages: [{ message: 'wuff' }] });
  }
  world.newer.peer(cats.id);
  expect(await client.call({ _: 'channels.getChannels', id: [inputChannel(world, cats.id)] })).toMatchObject({
    problem: expect.stringContaining('messages.chats.chats'),
  });
});

test.each([
  ['first', '[0]'],
  ['last', '[1]'],
] as const)('an unknown update comes %s among others', async (where, place) => {
  const { pts } = alice.log;
  await client.call({ _: 'updates.getState' });
  const known = world.newer.update({ where });
  alice.editMessage(1, { text: 'another' });
  expect(await client.nextNamed('unreadable')).toMatchObject({
    problem: expect.stringContaining(`updates.updates › ${place}`),
  });
  const difference = { _: 'updates.getDifference', pts, date: 2 ** 31 - 1, qts: 0 };
  expect(await client.call(difference)).toMatchObject({ problem: expect.stringContaining(`other_updates › ${place}`) });
  known();
  expect(await client.call(difference)).toMatchObject({ other_updates: [{ _: 'updateEditMessage' }] });
});

test('a client of the layer that knows it gets the thing itself', async () => {
  const newer = await login(emulator, { layer: NEWER });
  const { pts } = cats.log;
  const { id } = cats.addMessage({ text: 'a riddle', photo: world.addPhoto(), newer: { since: NEWER } });
  world.newer.peer(cats, { since: NEWER });
  world.newer.update({ since: NEWER });
  for (const answer of await seen(cats, id, pts)) expect(answer).toMatchObject({ _: 'unreadable' });
  for (const answer of await seen(cats, id, pts, newer))
    expect(messageIn(answer, id)).toMatchObject({ message: 'a riddle', media: { _: 'messageMediaPhoto' } });
});

test('an unsupported message says so, unless the client is new enough', async () => {
  const { pts } = cats.log;
  const unsupported = { since: NEWER, as: 'unsupported', text: '' } as const;
  const { id } = cats.addMessage({ text: 'a cat', photo: world.addPhoto(), newer: unsupported });
  const none = { _: 'message', message: '', media: { _: 'messageMediaUnsupported' } };
  for (const answer of await seen(cats, id, pts)) expect(messageIn(answer, id)).toMatchObject(none);
  const newer = await login(emulator, { layer: NEWER });
  for (const answer of await seen(cats, id, pts, newer))
    expect(messageIn(answer, id)).toMatchObject({ message: 'a cat', media: { _: 'messageMediaPhoto' } });
});

test('what an older layer cannot express is unsupported automatically', async () => {
  const { pts } = cats.log;
  const todo = { _: 'todoList', title: { _: 'textWithEntities', text: 'cats', entities: [] }, list: [] };
  const list = cats.addMessage({ text: '', media: { _: 'messageMediaToDo', todo } });
  const action = cats.addMessage({ action: { _: 'messageActionTodoCompletions', completed: [1], incompleted: [] } });
  const none = { _: 'message', message: '', media: { _: 'messageMediaUnsupported' } };
  const newer = await login(emulator, { layer: NEWER });
  for (const { id } of [list, action]) {
    const [old, now] = [await seen(cats, id, pts), await seen(cats, id, pts, newer)];
    for (const answer of old) if (messageIn(answer, id)) expect(messageIn(answer, id)).toMatchObject(none);
    expect(messageIn(old[4]!, id)).toMatchObject(none);
    expect(messageIn(now[4]!, id)).toMatchObject(id === list.id ? { media: { todo } } : { _: 'messageService' });
  }
  expect(emulator.counters().encodeErrors).toEqual({});
});

test('stock GramJS cannot read the whole page', async () => {
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    await stock.getDialogs();
    const known = world.newer.message(cats, 2);
    await expect(stock.getMessages(String(cats.id), { limit: 3 })).rejects.toThrow(String(0xdeadbeef));
    known();
    expect(await stock.getMessages(String(cats.id), { limit: 3 })).toHaveLength(3);
    expect(await stock.invoke(new Api.updates.GetState())).toBeInstanceOf(Api.updates.State);
  } finally {
    await stock.destroy();
  }
});
