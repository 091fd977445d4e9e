/** Answers are sent together in one container, with others, or last on their connection. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../faults.js';
import { gramJs, logIn } from '../gramjs-client.js';
import type { Arrived, RawClient } from '../raw-client.js';
import { RawClient as Raw } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { World } from '../world/world.js';

let emulator: Emulator;
let client: RawClient;
beforeEach(async () => {
  emulator = await startEmulator({ world: new World() });
  client = await login(emulator);
});
afterEach(() => emulator.close());

const STATE: TlObject = { _: 'updates.getState' };
const NEAREST: TlObject = { _: 'help.getNearestDc' };
const CONFIG: TlObject = { _: 'help.getConfig' };

const gather = (it: { method?: RegExp; answers?: number; ms?: number; errorsFirst?: boolean; times?: number }): void =>
  void emulator.faults.add({ kind: 'gather', ...it });
const arrival = (msgId: bigint): Promise<Arrived> => client.next((it) => it.reqMsgId === msgId);
const wrong: Fault = { method: 'updates.getState', kind: 'error', code: 400, message: 'WRONG' };

test('the given number of answers leaves in one container, in order', async () => {
  gather({ method: /getState|getNearestDc|getConfig/, answers: 3 });
  const ids = [STATE, NEAREST, CONFIG].map((it) => client.send(it));
  const arrived = await Promise.all(ids.map((it) => arrival(it)));
  const [{ container }] = arrived as [Arrived];
  expect(container).toBeDefined();
  expect(arrived.map((it) => it.container)).toEqual([container, container, container]);
  expect(arrived.map((it) => (it.object as TlObject)._)).toEqual(['updates.state', 'nearestDc', 'config']);
  expect(arrived.map((it) => it.msgId).toSorted()).toEqual(arrived.map((it) => it.msgId));
  const acks = await client.nextNamed('msgs_ack');
  expect(ids).toContain((acks['msg_ids'] as bigint[])[0]);
});

test('an error can come before the answers, even those that were ready earlier', async () => {
  emulator.faults.add(wrong);
  gather({ answers: 2, errorsFirst: true });
  const [nearest, state] = [client.send(NEAREST), client.send(STATE)];
  const [right, error] = [await arrival(nearest), await arrival(state)];
  expect(error.object).toMatchObject({ error_message: 'WRONG' });
  expect(error.container).toBe(right.container);
  expect(error.msgId < right.msgId).toBe(true);
});

test('an answer that is not held back takes the waiting ones along', async () => {
  emulator.faults.add(wrong);
  gather({ method: /getState/, answers: 9 });
  const [state, nearest] = [client.send(STATE), client.send(NEAREST)];
  const [error, right] = [await arrival(state), await arrival(nearest)];
  expect(error.object).toMatchObject({ error_message: 'WRONG' });
  expect(error.container).toBe(right.container);
  expect(error.container).toBeDefined();
});

test('an answer that waits alone leaves alone when its time is up', async () => {
  gather({ answers: 2, ms: 10, times: 1 });
  const order: string[] = [];
  const state = arrival(client.send(STATE)).then((it) => (order.push('state'), it));
  client.service({ _: 'ping', ping_id: 1n });
  const pong = client.nextNamed('pong').then(() => order.push('pong'));
  expect(await state).toMatchObject({ object: { _: 'updates.state' }, container: undefined });
  await pong;
  expect(order).toEqual(['pong', 'state']);
  expect(() => gather({})).toThrow('gather needs answers or ms');
});

test('files share a container too, up to its limit', async () => {
  const { world } = emulator;
  const document = world.addDocument({ dc: 2, size: 3 << 20 });
  world.addChannel({ title: 'cats' }).addMessage({ document });
  const location = {
    _: 'inputDocumentFileLocation',
    id: document.id,
    access_hash: document.accessHash,
    file_reference: world.references.issue(document),
    thumb_size: '',
  };
  gather({ method: /getFile/, answers: 3 });
  const part = (offset: number): bigint =>
    client.send({ _: 'upload.getFile', location, offset: BigInt(offset), limit: 524288 });
  const arrived = await Promise.all([0, 524288, 1048576].map((it) => arrival(part(it))));
  const containers = arrived.map((it) => it.container);
  // Two halves of a MiB plus their headers are more than a MiB.
  expect(containers).toEqual([undefined, undefined, undefined]);
  const small = (offset: number): bigint =>
    client.send({ _: 'upload.getFile', location, offset: BigInt(offset), limit: 262144 });
  const three = await Promise.all([0, 262144, 524288].map((it) => arrival(small(it))));
  expect(new Set(three.map((it) => it.container)).size).toBe(1);
  expect(three[0]!.container).toBeDefined();
});

test.each([
  ['update', 'first', 'updateShort.update'],
  ['message', 'last', 'unknown constructor 0xdeadbeef'],
] as const)('an unknown %s comes %s in the container of the answer', async (what, where, problem) => {
  emulator.faults.add({ method: 'updates.getState', kind: 'unsolicited', what, where, times: 1 });
  const state = await arrival(client.send(STATE));
  const other = await client.next((it) => (it.object as TlObject)._ === 'unreadable');
  expect(state.object).toMatchObject({ _: 'updates.state' });
  expect(other.object).toMatchObject({ problem: expect.stringContaining(problem) });
  expect(other.container).toBe(state.container);
  expect(state.container).toBeDefined();
  expect(other.msgId < state.msgId).toBe(where === 'first');
});

test('the connection is closed after an answer, and its key stays valid', async () => {
  emulator.faults.add({ method: 'updates.getState', kind: 'hang-up', times: 1 });
  expect(await client.call(STATE)).toMatchObject({ _: 'updates.state' });
  expect(await client.ended).toBe(undefined);
  const again = await Raw.withKey(emulator, {}, client.key);
  expect(await again.call(STATE)).toMatchObject({ _: 'updates.state' });
});

test('stock GramJS never sees what follows an error in a container', async () => {
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    const { Api } = await import('telegram');
    const fault = emulator.faults.add({ ...wrong, times: 1 });
    gather({ method: /getState|getNearestDc/, answers: 2 });
    const error = stock.invoke(new Api.updates.GetState());
    await fault.hit; // what arrives together is answered together anyway
    const lost = stock.invoke(new Api.help.GetNearestDc());
    lost.catch(() => {}); // rejects when the client is destroyed
    await expect(error).rejects.toThrow('WRONG');
    expect(
      await Promise.race([lost.then(() => 'answered'), stock.invoke(new Api.help.GetConfig()).then(() => 'lost')]),
    ).toBe('lost');
  } finally {
    await stock.destroy();
  }
});
