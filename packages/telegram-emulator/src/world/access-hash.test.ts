/** An old access hash is refused, like a wrong one or with a given error; dialogs show the new one. */
import { afterEach, beforeEach, expect, test } from 'vitest';
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
let [cats, alice]: Chat[] = [];
beforeEach(async () => {
  world = new World();
  [cats, alice] = [world.addChannel({ title: 'cats' }), world.addUser({ title: 'Alice' })];
  for (const chat of [cats, alice]) chat.addMessages(3);
  emulator = await startEmulator({ world });
  client = await login(emulator);
});
afterEach(() => emulator.close());

const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };
const read = (peer: TlObject): Promise<TlObject> => client.call({ _: 'messages.getHistory', ...page, peer });
const dialogs = (): Promise<TlObject> =>
  client.call({ _: 'messages.getDialogs', ...page, offset_peer: { _: 'inputPeerEmpty' } });

test.each([undefined, 'CHANNEL_PRIVATE'])('of a channel, with %s', async (refusal) => {
  const [peer, channel] = [inputPeer(world, cats!.id), inputChannel(world, cats!.id)];
  world.rotateAccessHash(cats!, refusal);
  const error = { error_code: 400, error_message: refusal ?? 'CHANNEL_INVALID' };
  expect(await read(peer)).toMatchObject(error);
  expect(await client.call({ _: 'channels.getFullChannel', channel })).toMatchObject(error);
  expect(await client.call({ _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer }] })).toMatchObject(
    error,
  );
  const { chats } = (await dialogs()) as unknown as { chats: TlObject[] };
  const access_hash = chats.find((it) => it['id'] === cats!.bareId)?.['access_hash'];
  expect(access_hash).not.toBe(peer['access_hash']);
  expect(await read({ ...peer, access_hash })).toMatchObject({ messages: { length: 3 } });
  expect(await read({ ...peer, access_hash: 5n })).toMatchObject({ error_message: 'CHANNEL_INVALID' });
});

test.each([undefined, 'USER_ID_INVALID'])('of a user, with %s', async (refusal) => {
  const peer = inputPeer(world, alice!.id);
  world.rotateAccessHash(alice!, refusal);
  expect(await read(peer)).toMatchObject({ error_code: 400, error_message: refusal ?? 'PEER_ID_INVALID' });
  expect(await client.call({ _: 'users.getUsers', id: [{ ...peer, _: 'inputUser' }] })).toMatchObject([
    { _: 'userEmpty' },
  ]);
  const { users } = (await dialogs()) as unknown as { users: TlObject[] };
  const access_hash = users.find((it) => it['id'] === alice!.id)?.['access_hash'];
  expect(await read({ ...peer, access_hash })).toMatchObject({ messages: { length: 3 } });
});

test('it may change more than once, and a basic group has none', async () => {
  const peers = [inputPeer(world, cats!.id)];
  for (let times = 0; times < 2; times++) {
    world.rotateAccessHash(cats!);
    peers.push(inputPeer(world, cats!.id));
  }
  expect(new Set(peers.map((it) => it['access_hash'])).size).toBe(3);
  const answers = await Promise.all(peers.map(read));
  expect(answers.map((it) => it._)).toEqual(['rpc_error', 'rpc_error', 'messages.channelMessages']);
  expect(() => world.rotateAccessHash(world.addGroup({ title: 'g' }))).toThrow('no access hash');
});
