/** Updates are pushed at once, to main connections only, and agree with the differences. */
import { afterEach, expect, test } from 'vitest';
import { gramJs, logIn } from './gramjs-client.js';
import { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import type { Chat } from './world/chat.js';
import { World } from './world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

async function start(): Promise<{ world: World; cats: Chat; alice: Chat }> {
  const world = new World();
  const cats = world.addChannel({ title: 'cats' });
  const alice = world.addUser({ title: 'Alice' });
  alice.addMessages(3);
  emulator = await startEmulator({ world });
  return { world, cats, alice };
}

const STATE: TlObject = { _: 'updates.getState' };
const updateOf = async (client: RawClient): Promise<TlObject> =>
  ((await client.nextNamed('updates'))['updates'] as TlObject[])[0]!;

test('new, edited and deleted messages come with their pts', async () => {
  const { cats, alice } = await start();
  const client = await login(emulator);
  const { pts } = (await client.call(STATE)) as unknown as { pts: number };
  const { id } = alice.addMessage({ text: 'hello' });
  const pushed = await client.nextNamed('updates');
  expect(pushed).toMatchObject({ users: [{ id: alice.bareId, first_name: 'Alice' }], seq: 0 });
  const message = { id, message: 'hello' };
  expect(pushed['updates']).toMatchObject([{ _: 'updateNewMessage', message, pts: pts + 1, pts_count: 1 }]);
  alice.editMessage(id, { text: 'hallo' });
  expect(await updateOf(client)).toMatchObject({ _: 'updateEditMessage', message: { message: 'hallo' }, pts: pts + 2 });
  alice.deleteMessage(id);
  expect(await updateOf(client)).toMatchObject({ _: 'updateDeleteMessages', messages: [id], pts: pts + 3 });
  const channel = cats.log.pts;
  const post = cats.addMessage({ text: 'meow' });
  const inChannel = await client.nextNamed('updates');
  expect(inChannel).toMatchObject({ chats: [{ id: cats.bareId, title: 'cats' }] });
  const sequence = { pts: channel + 1, pts_count: 1 };
  expect(inChannel['updates']).toMatchObject([{ _: 'updateNewChannelMessage', message: { id: post.id }, ...sequence }]);
  expect(await client.call(STATE)).toMatchObject({ pts: pts + 3 });
});

test('a large text comes gzipped, and a difference contains the same', async () => {
  const { world, alice } = await start();
  const client = await login(emulator);
  const { pts } = (await client.call(STATE)) as unknown as { pts: number };
  alice.addMessage({ text: 'miau '.repeat(800) });
  const { message } = await updateOf(client);
  const difference = await client.call({ _: 'updates.getDifference', pts, date: world.now(), qts: 0 });
  expect(difference['new_messages']).toEqual([message]);
});

test('only main connections at the home data centre get updates, while connected and logged in', async () => {
  const { world, alice } = await start();
  const main = await login(emulator);
  const quiet = await RawClient.withKey(emulator, {}, main.key);
  quiet.initialised = true;
  await quiet.call({ _: 'invokeWithoutUpdates', query: { _: 'help.getNearestDc' } });
  const files = await RawClient.withKey(emulator, {}, main.key);
  files.initialised = true;
  await files.call({ _: 'upload.getFileHashes', location: { _: 'inputTakeoutFileLocation' }, offset: 0n });
  const { id, bytes } = await main.call({ _: 'auth.exportAuthorization', dc_id: 4 });
  const away = await RawClient.withKey(emulator, { dc: 4 });
  await away.call({ _: 'auth.importAuthorization', id, bytes });
  const stranger = await RawClient.withKey(emulator);
  await stranger.call({ _: 'help.getNearestDc' });
  const gone = await login(emulator);
  gone.close();
  await gone.ended;
  const ended = await login(emulator);
  await ended.call({ _: 'auth.logOut' });
  alice.addMessage();
  await updateOf(main);
  for (const client of [quiet, files, away, stranger, ended]) {
    client.service({ _: 'ping', ping_id: 1n });
    await client.nextNamed('pong');
    expect(client.arrived.map((it) => (it.object as TlObject)._)).not.toContain('updates');
  }
  const chat = world.addChannel({ title: 'left', left: true, username: 'left' });
  chat.addMessage();
  await main.call(STATE);
  expect(main.arrived.map((it) => (it.object as TlObject)._)).not.toContain('updates');
});

test('of a login, only the connection used last gets updates, while it is open', async () => {
  const { world, alice } = await start();
  const first = await login(emulator);
  await first.call(STATE);
  const second = await RawClient.withKey(emulator, {}, first.key);
  second.initialised = true;
  await second.call({ _: 'invokeWithoutUpdates', query: { _: 'help.getNearestDc' } });
  alice.addMessage({ text: 'to the first' });
  expect(await updateOf(first)).toMatchObject({ message: { message: 'to the first' } });
  const between = await RawClient.withKey(emulator, {}, first.key);
  await between.call(STATE);
  await second.call(STATE);
  alice.addMessage({ text: 'to the second' });
  expect(await updateOf(second)).toMatchObject({ message: { message: 'to the second' } });
  const { pts } = world.log;
  for (const client of [between, second]) {
    client.close();
    await client.ended;
  }
  first.service({ _: 'ping', ping_id: 1n });
  await first.nextNamed('pong');
  expect(first.arrived.map((it) => (it.object as TlObject)._)).not.toContain('updates');
  alice.addMessage({ text: 'to the first again' });
  expect(await updateOf(first)).toMatchObject({ pts: pts + 1 });
});

test('stock GramJS gets updates for a private message and for a post', async () => {
  const { cats, alice } = await start();
  const client = await gramJs(emulator);
  try {
    await logIn(client, '+10000000001', ['12345']);
    const received: string[] = [];
    const both = new Promise<void>((resolve) => {
      client.addEventHandler((update: { message?: { message?: string } }) => {
        if (update.message?.message !== undefined && received.push(update.message.message) === 2) resolve();
      });
    });
    alice.addMessage({ text: 'hello' });
    cats.addMessage({ text: 'meow' });
    await both;
    expect(received).toEqual(['hello', 'meow']);
  } finally {
    await client.destroy();
  }
});
