/** Single pushes are lost, late, repeated or overtaken; a difference has everything all the same. */
import { afterEach, expect, test } from 'vitest';
import { inputChannel } from './world/direct-client.js';
import type { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import type { Chat } from './world/chat.js';
import { react } from './world/live/index.js';
import { World } from './world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

async function start(): Promise<{ world: World; cats: Chat; alice: Chat; client: RawClient }> {
  const world = new World();
  const [cats, alice] = [world.addChannel({ title: 'cats' }), world.addUser({ title: 'Alice' })];
  emulator = await startEmulator({ world });
  const client = await login(emulator);
  await client.call({ _: 'updates.getState' });
  return { world, cats, alice, client };
}

/** The pts of what was pushed so far, in the order of arrival. */
async function pushed(client: RawClient): Promise<unknown[]> {
  client.service({ _: 'ping', ping_id: 1n });
  await client.nextNamed('pong');
  const all = client.arrived.splice(0).map((it) => it.object as TlObject);
  return all.filter((it) => it._ === 'updates').flatMap((it) => (it['updates'] as TlObject[]).map((one) => one['pts']));
}

test('a push is lost, repeated, or comes after the next one', async () => {
  const { alice, client } = await start();
  const { pts } = alice.log;
  const lost = emulator.pushes.fault({ kind: 'drop', skip: 1, times: 1 });
  alice.addMessages(3);
  await lost.hit;
  expect(await pushed(client)).toEqual([pts + 1, pts + 3]);
  lost.remove();
  emulator.pushes.fault({ kind: 'twice', times: 1 });
  emulator.pushes.fault({ kind: 'swap', times: 1 });
  alice.addMessages(3);
  expect(await pushed(client)).toEqual([pts + 4, pts + 4, pts + 6, pts + 5]);
  const difference = await client.call({ _: 'updates.getDifference', pts, date: 2 ** 31 - 1, qts: 0 });
  expect(difference['new_messages']).toHaveLength(6);
});

test('a push is late, or held until a test releases it', async () => {
  const { alice, client } = await start();
  const { pts } = alice.log;
  emulator.pushes.fault({ kind: 'delay', ms: 20, times: 1 });
  alice.addMessage();
  expect(await pushed(client)).toEqual([]);
  expect(await client.nextNamed('updates')).toMatchObject({ updates: [{ pts: pts + 1 }] });
  const held = emulator.pushes.fault({ kind: 'hold', what: 'edit' });
  alice.editMessage(1, { text: 'once' });
  alice.editMessage(1, { text: 'twice' });
  alice.addMessage();
  expect(await pushed(client)).toEqual([pts + 4]);
  held.remove();
  // Each says what the message was like when it happened.
  expect(await client.nextNamed('updates')).toMatchObject({ updates: [{ message: { message: 'once' } }] });
  expect(await client.nextNamed('updates')).toMatchObject({ updates: [{ message: { message: 'twice' } }] });
});

test('a channel is never pushed, and pushes stop without notice', async () => {
  const { world, cats, alice, client } = await start();
  const [channel, account] = [cats.log.pts, alice.log.pts];
  emulator.pushes.fault({ kind: 'drop', chat: cats });
  cats.addMessage();
  alice.addMessage();
  expect(await pushed(client)).toEqual([account + 1]);
  const stopped = emulator.pushes.fault({ kind: 'drop' });
  alice.addMessage();
  react(cats, 1, alice, '👍');
  expect(await pushed(client)).toEqual([]);
  expect(stopped.hits).toBe(1);
  stopped.remove();
  alice.addMessage();
  expect(await pushed(client)).toEqual([account + 3]);
  const filter = { _: 'channelMessagesFilterEmpty' };
  const query = { channel: inputChannel(world, cats.id), filter, pts: channel, limit: 100 };
  const difference = await client.call({ _: 'updates.getChannelDifference', ...query });
  expect(difference).toMatchObject({ new_messages: [{ id: 1 }], final: true });
});

test('the same seed affects the same pushes', async () => {
  const { alice, client } = await start();
  const runs: unknown[][] = [];
  for (const seed of ['one', 'one', 'two']) {
    const { pts } = alice.log;
    const faults = [
      emulator.pushes.fault({ kind: 'drop', chance: 0.3, seed }),
      emulator.pushes.fault({ kind: 'swap', chance: 0.3, seed: `${seed} swap` }),
    ];
    alice.addMessages(40);
    for (const it of faults) it.remove();
    runs.push((await pushed(client)).map((it) => (it as number) - pts));
  }
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]).not.toEqual(runs[2]);
  expect(runs[0]!.length).toBeLessThan(40);
});

test('more than ten channel differences at once are punished', async () => {
  const { world, client } = await start();
  const channels = Array.from({ length: 11 }, (_, index) => world.addChannel({ title: `channel ${index}` }));
  emulator.faults.add({ method: 'updates.getChannelDifference', kind: 'delay', ms: 50 });
  const filter = { _: 'channelMessagesFilterEmpty' };
  const ask = (it: Chat): Promise<TlObject> =>
    client.call({ _: 'updates.getChannelDifference', channel: inputChannel(world, it.id), filter, pts: 1, limit: 100 });
  const answers = await Promise.all(channels.map(ask));
  expect(answers.map((it) => it['error_message'] ?? it._).toSorted()).toEqual([
    'FLOOD_WAIT_3',
    ...Array.from({ length: 10 }, () => 'updates.channelDifferenceEmpty'),
  ]);
  expect(emulator.counters().atOnce).toEqual({ 'updates.getChannelDifference': 11 });
  emulator.faults.clear();
  expect(await ask(channels[10]!)).toMatchObject({ _: 'updates.channelDifferenceEmpty' });
});

test('a replica that lags behind says so on demand', async () => {
  const { world, cats, client } = await start();
  const error = { code: 500, message: 'PERSISTENT_TIMESTAMP_OUTDATED' };
  emulator.faults.add({ method: 'updates.getChannelDifference', kind: 'error', times: 1, peer: cats, ...error });
  const filter = { _: 'channelMessagesFilterEmpty' };
  const query = { channel: inputChannel(world, cats.id), filter, pts: 1, limit: 100 };
  const ask = (): Promise<TlObject> => client.call({ _: 'updates.getChannelDifference', ...query });
  expect(await ask()).toMatchObject({ error_code: 500, error_message: 'PERSISTENT_TIMESTAMP_OUTDATED' });
  expect(await ask()).toMatchObject({ _: 'updates.channelDifferenceEmpty' });
});
