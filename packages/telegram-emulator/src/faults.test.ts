import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient } from './raw-client.js';
import { login } from './raw-login.js';
import { type Emulator, startEmulator } from './server.js';
import type { TlObject } from './tl/value.js';
import { World } from './world/world.js';

let emulator: Emulator;
let client: RawClient;
beforeEach(async () => {
  emulator = await startEmulator({ world: new World() });
  client = await login(emulator);
});
afterEach(() => emulator.close());

const GET_STATE: TlObject = { _: 'updates.getState' };
const STATE = { _: 'updates.state' };

test('an error affects the given number of calls, after those it skips', async () => {
  const fault = emulator.faults.add({
    method: 'updates.getState',
    skip: 1,
    times: 2,
    kind: 'error',
    code: 420,
    message: 'FLOOD_WAIT_3',
  });
  expect(await client.call(GET_STATE)).toMatchObject(STATE);
  expect(fault.hits).toBe(0);
  for (let times = 0; times < 2; times++)
    expect(await client.call(GET_STATE)).toMatchObject({ error_code: 420, error_message: 'FLOOD_WAIT_3' });
  await fault.spent;
  expect(await client.call(GET_STATE)).toMatchObject(STATE);
  expect(emulator.counters().errors).toMatchObject({ FLOOD_WAIT_3: 2 });
});

test('a fault can be limited to a family of methods, one data centre, or media addresses', async () => {
  emulator.faults.add({ method: /^updates\./, dc: 4, kind: 'error', code: 400, message: 'A' });
  emulator.faults.add({ mediaOnly: true, kind: 'error', code: 400, message: 'B' });
  expect(await client.call(GET_STATE)).toMatchObject(STATE);
  const fault = emulator.faults.add({ method: /^updates\./, kind: 'error', code: 400, message: 'C' });
  expect(await client.call(GET_STATE)).toMatchObject({ error_message: 'C' });
  fault.remove();
  expect(await client.call(GET_STATE)).toMatchObject(STATE);
});

test('a stalled call is acknowledged and never answered', async () => {
  const fault = emulator.faults.add({ method: 'updates.getState', times: 1, kind: 'stall' });
  const stalled = client.send(GET_STATE);
  await fault.hit;
  const ack = await client.nextNamed('msgs_ack');
  expect(ack['msg_ids']).toEqual([stalled]);
  expect(await client.call(GET_STATE)).toMatchObject(STATE);
  client.service({ _: 'rpc_drop_answer', req_msg_id: stalled });
  await client.next((it) => (it.object as TlObject)._ === 'rpc_answer_dropped_running');
});

test('a delayed call is acknowledged, overtaken by a later one, and finally answered', async () => {
  emulator.faults.add({ method: 'updates.getState', times: 1, kind: 'delay', ms: 20 });
  const order: string[] = [];
  const slow = client.answer(client.send(GET_STATE)).then(() => order.push('slow'));
  const fast = client.answer(client.send({ _: 'help.getNearestDc' })).then(() => order.push('fast'));
  await Promise.all([slow, fast]);
  expect(order).toEqual(['fast', 'slow']);
});

test('a late answer says what was true when the call was handled, and comes when the fault is removed', async () => {
  const late = emulator.faults.add({ method: 'updates.getState', times: 1, kind: 'late' });
  const msgId = client.send(GET_STATE);
  await late.hit;
  const before = emulator.world.log.pts;
  emulator.world.addUser({ title: 'Ann' }).addMessage({ text: 'new' });
  const next = (await client.call(GET_STATE))['pts'];
  expect(next).toBe(before + 1);
  late.remove();
  const answer = await client.next((it) => it.reqMsgId === msgId);
  expect(answer.object).toMatchObject({ pts: before });
});

test('a dropped connection gets no answer', async () => {
  emulator.faults.add({ method: 'updates.getState', times: 1, kind: 'drop' });
  client.send(GET_STATE);
  expect(await client.ended).toBe(undefined);
});

test('a wrong salt is answered with the new one', async () => {
  emulator.faults.add({ method: 'updates.getState', times: 1, kind: 'wrong-salt' });
  const before = client.key!.salt;
  expect(await client.call(GET_STATE)).toMatchObject(STATE);
  expect(client.key!.salt).not.toBe(before);
});

test('an answer can be sent twice', async () => {
  emulator.faults.add({ method: 'updates.getState', times: 1, kind: 'answer-twice' });
  const msgId = client.send(GET_STATE);
  const first = await client.next((it) => it.reqMsgId === msgId);
  const second = await client.next((it) => it.reqMsgId === msgId);
  expect(second.msgId).not.toBe(first.msgId);
});

test('files can be truncated or corrupted, and their references can expire', async () => {
  const { world } = emulator;
  const document = world.addDocument({ dc: 2, size: 100_000, name: 'a.bin' });
  world.addChannel({ title: 'cats' }).addMessage({ document });
  const file_reference = world.references.issue(document);
  const location = {
    _: 'inputDocumentFileLocation',
    id: document.id,
    access_hash: document.accessHash,
    file_reference,
    thumb_size: '',
  };
  const getFile = { _: 'upload.getFile', location, offset: 0n, limit: 65536 };
  const size = async (): Promise<number> => ((await client.call(getFile))['bytes'] as Buffer).length;
  expect(await size()).toBe(65536);
  emulator.faults.add({ method: 'upload.getFile', times: 1, kind: 'truncate' });
  emulator.faults.add({ method: 'upload.getFile', skip: 1, times: 1, kind: 'truncate', keep: 10 });
  expect(await size()).toBe(32768);
  expect(await size()).toBe(10);
  expect(await size()).toBe(65536);
  for (const at of [0, undefined, 100_000]) {
    const right = (await client.call(getFile))['bytes'] as Buffer;
    emulator.faults.add({ method: 'upload.getFile', times: 1, kind: 'corrupt', ...(at !== undefined && { at }) });
    const wrong = (await client.call(getFile))['bytes'] as Buffer;
    const differing = [...right.keys()].filter((index) => right[index] !== wrong[index]);
    expect([differing, wrong.length]).toEqual([[at === 0 ? 0 : at === undefined ? 32768 : 65535], 65536]);
  }
  emulator.faults.add({ method: 'upload.getFile', times: 1, kind: 'expire-references' });
  expect(await client.call(getFile)).toMatchObject({ error_message: 'FILE_REFERENCE_EXPIRED' });
});

test('connections can be cut and keys forgotten on demand', async () => {
  const other = await RawClient.withKey(emulator, { dc: 3 });
  expect(emulator.dropConnections({ dc: 3 })).toBe(1);
  await other.ended;
  emulator.forgetKeys();
  client.send(GET_STATE);
  expect(await client.ended).toBe(-404);
});
