/** A fault can be limited to a peer, to a message, to calls from the n-th on a connection, or to every n-th call. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { peersAskedFor } from './asked-for.js';
import type { Fault } from './faults.js';
import { gramJs, logIn } from './gramjs-client.js';
import { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import type { Chat } from './world/chat.js';
import { inputChannel, inputPeer } from './world/direct-client.js';
import { World } from './world/world.js';

let emulator: Emulator;
let world: World;
let client: RawClient;
let [cats, dogs, group, alice]: Chat[] = [];
beforeEach(async () => {
  world = new World();
  [cats, dogs] = [world.addChannel({ title: 'cats' }), world.addSupergroup({ title: 'dogs' })];
  [group, alice] = [world.addGroup({ title: 'group' }), world.addUser({ title: 'Alice' })];
  for (const chat of [cats, dogs, group, alice]) chat.addMessages(3);
  emulator = await startEmulator({ world });
  client = await login(emulator);
});
afterEach(() => emulator.close());

const STATE: TlObject = { _: 'updates.getState' };
const refused = { _: 'rpc_error', error_code: 400, error_message: 'FROZEN_PARTICIPANT_MISSING' };
const refuse = (it: Partial<Fault>): void =>
  void emulator.faults.add({ kind: 'error', code: 400, message: 'FROZEN_PARTICIPANT_MISSING', ...it } as Fault);
const dialogsOf = (...chats: Chat[]): TlObject => ({
  _: 'messages.getPeerDialogs',
  peers: chats.map((it) => ({ _: 'inputDialogPeer', peer: inputPeer(world, it.id) })),
});

test('a batch that includes the peer fails', async () => {
  for (const chat of [cats!, group!, alice!]) {
    refuse({ method: 'messages.getPeerDialogs', peer: chat });
    expect(await client.call(dialogsOf(dogs!, chat))).toEqual(refused);
    expect(await client.call(dialogsOf(chat))).toEqual(refused);
    expect(await client.call(dialogsOf(dogs!))).toMatchObject({ dialogs: [{ peer: dogs!.peer }] });
    emulator.faults.clear();
  }
});

test('so does any other method that names the peer, in any form', async () => {
  refuse({ peer: cats!.id });
  refuse({ peer: group!.id });
  const [channel, self] = [inputChannel(world, cats!.id), { _: 'inputUserSelf' }];
  for (const it of [
    { _: 'channels.getChannels', id: [inputChannel(world, dogs!.id), channel] },
    { _: 'channels.getFullChannel', channel },
    { _: 'messages.getChats', id: [group!.bareId] },
    { _: 'messages.getFullChat', chat_id: group!.bareId },
  ])
    expect(await client.call(it)).toEqual(refused);
  expect(await client.call({ _: 'users.getUsers', id: [self] })).toMatchObject([{ self: true }]);
  refuse({ peer: world.account.userId });
  expect(await client.call({ _: 'users.getUsers', id: [self] })).toEqual(refused);
  const peer = inputPeer(world, cats!.id);
  const seenIn = { _: 'inputUserFromMessage', peer, msg_id: 1, user_id: alice!.bareId };
  expect(peersAskedFor({ _: 'users.getUsers', id: [seenIn] }, undefined)).toEqual(new Set([alice!.id]));
});

test('and any method that asks for the message by id', async () => {
  refuse({ messageId: 2, peer: cats! });
  const get = (chat: Chat, ...ids: number[]): Promise<TlObject> =>
    client.call({
      _: 'channels.getMessages',
      channel: inputChannel(world, chat.id),
      id: ids.map((id) => ({ _: 'inputMessageID', id })),
    });
  expect(await get(cats!, 1, 2, 3)).toEqual(refused);
  expect(await get(cats!, 1, 3)).toMatchObject({ _: 'messages.channelMessages' });
  expect(await get(dogs!, 1, 2, 3)).toMatchObject({ _: 'messages.channelMessages' });
});

test('from the n-th call on a connection, the server forgets its initConnection', async () => {
  emulator.faults.add({ inited: false, fromCall: 4, kind: 'error', code: 400, message: 'CONNECTION_NOT_INITED' });
  expect(await client.call(STATE)).toMatchObject({ _: 'updates.state' }); // after sendCode and signIn the third
  const not = { error_code: 400, error_message: 'CONNECTION_NOT_INITED' };
  for (let times = 0; times < 2; times++) expect(await client.call(STATE)).toMatchObject(not);
  client.initialised = false;
  expect(await client.call(STATE)).toMatchObject({ _: 'updates.state' });
  expect(await client.call(STATE)).toMatchObject(not);
  const other = await RawClient.withKey(emulator, {}, client.key);
  other.initialised = true;
  for (let times = 0; times < 3; times++)
    expect(await other.call({ _: 'help.getNearestDc' })).toMatchObject({ _: 'nearestDc' });
  expect(await other.call({ _: 'help.getNearestDc' })).toMatchObject(not);
});

test('every third call gets a flood wait', async () => {
  const method = 'updates.getState';
  const fault = emulator.faults.add({ method, every: 3, skip: 1, kind: 'error', code: 420, message: 'FLOOD_WAIT_2' });
  const answers: string[] = [];
  for (let calls = 0; calls < 8; calls++) answers.push((await client.call(STATE))._);
  expect(answers.map((it) => it === 'rpc_error')).toEqual([false, false, false, true, false, false, true, false]);
  expect(fault.hits).toBe(2);
});

test('stock GramJS sees these as named errors', async () => {
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    await stock.getDialogs();
    const { Api } = await import('telegram');
    const peers = [cats!, dogs!].map(async ({ id }) => {
      const peer = await stock.getInputEntity(String(id));
      return new Api.InputDialogPeer({ peer });
    });
    refuse({ method: 'messages.getPeerDialogs', peer: dogs! });
    const both = new Api.messages.GetPeerDialogs({ peers: await Promise.all(peers) });
    await expect(stock.invoke(both)).rejects.toThrow('FROZEN_PARTICIPANT_MISSING');
    const one = new Api.messages.GetPeerDialogs({ peers: [await peers[0]!] });
    expect((await stock.invoke(one)).dialogs).toHaveLength(1);
  } finally {
    await stock.destroy();
  }
});
