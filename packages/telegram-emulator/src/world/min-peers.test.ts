/** Once given in full, users and channels come in their min form with messages of supergroups and channels. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gramJs, logIn } from '../gramjs-client.js';
import type { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { inputChannel, inputPeer } from './direct-client.js';
import { World } from './world.js';

let emulator: Emulator;
let world: World;
let client: RawClient;
let [group, news, alice]: Chat[] = [];
beforeEach(async () => {
  world = new World();
  group = world.addSupergroup({ title: 'group' });
  const photo = world.addPhoto({ dc: 2 });
  news = world.addChannel({ title: 'News', username: 'news', photo });
  alice = world.addUser({ title: 'Alice Winter', username: 'alice', phone: '491', photo });
  group.addMessage({ from: alice, text: 'hello' });
  group.addMessage({ from: alice, text: 'news', forward: { from: news, date: 1_704_067_200 } });
  for (const chat of [alice, news]) chat.addMessage({ text: 'of its own' });
  emulator = await startEmulator({ world });
  client = await login(emulator);
});
afterEach(() => emulator.close());

const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };
const history = (chat = group!): Promise<TlObject> =>
  client.call({ _: 'messages.getHistory', ...page, peer: inputPeer(world, chat.id) });
const aliceIn = (answer: TlObject): TlObject => (answer['users'] as TlObject[]).find((it) => it['id'] === alice!.id)!;
const newsIn = (answer: TlObject): TlObject => (answer['chats'] as TlObject[]).find((it) => it['id'] === news!.bareId)!;

const FULL = { first_name: 'Alice', last_name: 'Winter', username: 'alice', phone: '491' };

test('a user has only the first name, and a channel no username', async () => {
  const ends = [world.min.peer(alice!), world.min.peer(news!)];
  const first = await history();
  expect(aliceIn(first)).toMatchObject(FULL);
  expect(newsIn(first)).toMatchObject({ title: 'News', username: 'news' });
  const second = await history();
  const { photo } = aliceIn(first);
  expect(aliceIn(second)).toEqual({
    _: 'user',
    min: true,
    apply_min_photo: true,
    id: alice!.id,
    access_hash: alice!.hash.min,
    first_name: 'Alice',
    photo,
  });
  expect(newsIn(second)).toMatchObject({ min: true, title: 'News', broadcast: true, access_hash: news!.hash.min });
  expect(newsIn(second)).not.toHaveProperty('username');
  for (const end of ends) end();
  expect(aliceIn(await history())).toMatchObject(FULL);
});

test('it can start at once, in pages, differences and pushes of channels, and nowhere else', async () => {
  world.min.peer(alice!, { afterFull: false });
  expect(aliceIn(await history())).toMatchObject({ min: true });
  const channel = inputChannel(world, group!.id);
  const filter = { _: 'channelMessagesFilterEmpty' };
  const difference = { _: 'updates.getChannelDifference', channel, filter, pts: 1, limit: 100 };
  expect(aliceIn(await client.call(difference))).toMatchObject({ min: true });
  await client.call({ _: 'updates.getState' });
  group!.addMessage({ from: alice!, text: 'again' });
  expect(aliceIn(await client.nextNamed('updates'))).toMatchObject({ min: true });
  expect(aliceIn(await history(alice))).toMatchObject(FULL);
  const dialogs = { _: 'messages.getDialogs', ...page, offset_peer: { _: 'inputPeerEmpty' } };
  expect(aliceIn(await client.call(dialogs))).toMatchObject(FULL);
  const id = [{ _: 'inputUser', user_id: alice!.id, access_hash: alice!.accessHash }];
  expect(await client.call({ _: 'users.getUsers', id })).toMatchObject([FULL]);
});

test('a channel is full with its own messages, and min when pushed', async () => {
  world.min.peer(group!, { afterFull: false });
  const own = (answer: TlObject): unknown => (answer['chats'] as TlObject[]).find((it) => it['id'] === group!.bareId);
  expect(own(await history())).not.toHaveProperty('min');
  await client.call({ _: 'updates.getState' });
  group!.addMessage({ text: 'again' });
  expect(own(await client.nextNamed('updates'))).toMatchObject({ min: true, title: 'group' });
  expect(() => world.min.peer(world.addGroup({ title: 'g' }))).toThrow('no min form');
});

test('the access hash of a min form is valid for its photo only', async () => {
  world.min.peer(alice!, { afterFull: false });
  world.min.peer(news!, { afterFull: false });
  const answer = await history();
  const [{ access_hash: user }, { access_hash: chat }] = [aliceIn(answer), newsIn(answer)];
  const peers = [
    { _: 'inputPeerUser', user_id: alice!.id, access_hash: user },
    { _: 'inputPeerChannel', channel_id: news!.bareId, access_hash: chat },
  ];
  const photo_id = [...world.photos.keys()][0]!;
  for (const [index, peer] of peers.entries()) {
    const location = { _: 'inputPeerPhotoFileLocation', peer, photo_id };
    const getFile = { _: 'upload.getFile', location, offset: 0n, limit: 4096 };
    expect(await client.call(getFile)).toMatchObject({ _: 'upload.file' });
    const error_message = index === 0 ? 'PEER_ID_INVALID' : 'CHANNEL_INVALID';
    expect(await client.call({ _: 'messages.getHistory', ...page, peer })).toMatchObject({ error_message });
  }
  const seen = { _: 'inputPeerUserFromMessage', peer: inputPeer(world, group!.id), msg_id: 1, user_id: alice!.id };
  expect(await client.call({ _: 'messages.getHistory', ...page, peer: seen })).toMatchObject({
    messages: { length: 1 },
  });
});

test('stock GramJS reads both forms', async () => {
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    await stock.getDialogs();
    world.min.peer(alice!);
    const read = async (): Promise<unknown> => {
      const [message] = await stock.getMessages(String(group!.id), { limit: 1 });
      const { min, lastName } = (await message!.getSender()) as unknown as { min: boolean; lastName?: string };
      return { min, lastName: lastName ?? undefined };
    };
    expect(await read()).toEqual({ min: false, lastName: 'Winter' });
    expect(await read()).toEqual({ min: true, lastName: undefined });
  } finally {
    await stock.destroy();
  }
});
