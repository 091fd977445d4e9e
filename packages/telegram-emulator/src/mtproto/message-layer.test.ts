import { gzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawClient, container } from '../raw-client.js';
import { type Emulator, startEmulator } from '../server.js';
import { mtproto } from '../tl/layers.js';
import type { TlObject } from '../tl/value.js';
import { TlWriter } from '../tl/writer.js';
import { World } from '../world/world.js';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ world: new World() });
});
afterAll(() => emulator.close());

const GET_CONFIG: TlObject = { _: 'help.getConfig' };
const protocol = (name: string): number => emulator.counters().protocol[name] ?? 0;

test.each(['full', 'abridged', 'intermediate'] as const)('%s: a key, a call and its answer', async (transport) => {
  const client = await RawClient.withKey(emulator, { transport });
  const config = await client.call(GET_CONFIG);
  expect(config).toMatchObject({ _: 'config', this_dc: 2 });
  expect(await client.nextNamed('new_session_created')).toBeDefined();
  client.close();
});

test('the salt of the key exchange is accepted, a wrong one is answered with the right one', async () => {
  const client = await RawClient.withKey(emulator);
  const first = client.send(GET_CONFIG);
  expect(await client.answer(first)).toMatchObject({ _: 'config' });
  const bad = client.send(GET_CONFIG, { salt: 1n });
  const news = await client.nextNamed('bad_server_salt');
  expect(news).toMatchObject({ bad_msg_id: bad, error_code: 48 });
  const good = client.send(GET_CONFIG, { salt: news['new_server_salt'] as bigint });
  expect(await client.answer(good)).toMatchObject({ _: 'config' });
  client.close();
});

test.each([
  ['too old', 16, { shift: -400 }],
  ['too new', 17, { shift: 60 }],
  ['not divisible by 4', 18, { add: 1n }],
  ['even seqno of a call', 35, { seqNo: 2 }],
])(
  'a message id or seqno that is wrong: %s is code %i',
  async (_, code, it: { shift?: number; add?: bigint; seqNo?: number }) => {
    const client = await RawClient.withKey(emulator);
    await client.call(GET_CONFIG);
    const msgId = client.msgId(it.shift ?? 0) + (it.add ?? 0n);
    client.send(GET_CONFIG, { msgId, ...(it.seqNo !== undefined && { seqNo: it.seqNo }) });
    expect(await client.nextNamed('bad_msg_notification')).toMatchObject({ bad_msg_id: msgId, error_code: code });
    client.close();
  },
);

test('an odd seqno of a container is code 34, but that of an ack is accepted', async () => {
  const client = await RawClient.withKey(emulator);
  client.service({ _: 'msgs_ack', msg_ids: [1n] }, { seqNo: 1 });
  const ping = new TlWriter().object(mtproto, { _: 'ping', ping_id: 1n }).written;
  const body = container([{ msgId: client.msgId(), seqNo: 2, body: ping }]);
  const msgId = client.sendMessage(body, { seqNo: 3 });
  expect(await client.nextNamed('bad_msg_notification')).toMatchObject({ bad_msg_id: msgId, error_code: 34 });
  client.close();
});

test('decreasing or repeated seqnos are codes 32 and 33', async () => {
  const client = await RawClient.withKey(emulator);
  const earlier = client.msgId();
  await client.answer(client.send(GET_CONFIG, { seqNo: 5 }));
  const low = client.send(GET_CONFIG, { seqNo: 5 });
  expect(await client.nextNamed('bad_msg_notification')).toMatchObject({ bad_msg_id: low, error_code: 32 });
  client.send(GET_CONFIG, { msgId: earlier, seqNo: 7 });
  expect(await client.nextNamed('bad_msg_notification')).toMatchObject({ bad_msg_id: earlier, error_code: 33 });
  client.close();
});

test('an unknown key gets -404, and so does a message not made with the key', async () => {
  const client = await RawClient.withKey(emulator, { transport: 'intermediate' });
  const { key } = client;
  client.key = { ...key!, id: randomBytes(8) };
  client.send(GET_CONFIG);
  expect(await client.ended).toBe(-404);
  const forged = await RawClient.withKey(emulator, {}, { ...key!, value: randomBytes(256) });
  const before = protocol('msg_key');
  forged.send(GET_CONFIG);
  expect(await forged.ended).toBe(-404);
  expect(protocol('msg_key')).toBe(before + 1);
});

test('a key of one data centre is unknown to another', async () => {
  const client = await RawClient.withKey(emulator, { dc: 2 });
  const elsewhere = await RawClient.withKey(emulator, { dc: 3 }, client.key);
  elsewhere.send(GET_CONFIG);
  expect(await elsewhere.ended).toBe(-404);
  client.close();
});

test('a container is unpacked, and its messages may be gzipped', async () => {
  const client = await RawClient.withKey(emulator, { transport: 'abridged' });
  const one = { msgId: client.msgId(), seqNo: client.seqNo(true), body: client.callBody(GET_CONFIG) };
  const packed = new TlWriter().id(0x3072cfa1).bytes(gzipSync(client.callBody({ _: 'help.getNearestDc' }))).written;
  const two = { msgId: client.msgId(), seqNo: client.seqNo(true), body: packed };
  client.expect(one.msgId, GET_CONFIG);
  client.expect(two.msgId, { _: 'help.getNearestDc' });
  client.sendMessage(container([one, two]), { content: false });
  expect(await client.answer(one.msgId)).toMatchObject({ _: 'config' });
  expect(await client.answer(two.msgId)).toMatchObject({ _: 'nearestDc', this_dc: 2 });
  client.close();
});

test('a container in a container, or one older than its messages, is code 64', async () => {
  const client = await RawClient.withKey(emulator);
  await client.call(GET_CONFIG);
  const early = client.msgId();
  const ping = new TlWriter().id(0x7abe77ec).long(1n).written;
  const inner = { msgId: client.msgId(), seqNo: client.seqNo(false), body: ping };
  client.sendMessage(container([inner]), { msgId: early, content: false });
  expect(await client.nextNamed('bad_msg_notification')).toMatchObject({ bad_msg_id: early, error_code: 64 });
  const nested = { msgId: client.msgId(), seqNo: client.seqNo(false), body: container([inner]) };
  client.sendMessage(container([nested]), { content: false });
  expect(await client.nextNamed('bad_msg_notification')).toMatchObject({ bad_msg_id: nested.msgId, error_code: 64 });
  client.close();
});

test('a repeated message is answered again but not run again', async () => {
  const client = await RawClient.withKey(emulator);
  const msgId = client.msgId();
  client.send(GET_CONFIG, { msgId, seqNo: 1 });
  const first = await client.next((it) => it.reqMsgId === msgId);
  const before = emulator.counters().calls['help.getConfig'];
  client.send(GET_CONFIG, { msgId, seqNo: 1 });
  const second = await client.next((it) => it.reqMsgId === msgId);
  expect(second.msgId).toBe(first.msgId);
  expect(emulator.counters().calls['help.getConfig']).toBe(before);
  client.service({ _: 'msgs_ack', msg_ids: [first.msgId] }, { seqNo: 2 });
  client.send(GET_CONFIG, { msgId, seqNo: 1 });
  expect(await client.nextNamed('msgs_ack')).toMatchObject({ msg_ids: [msgId] });
  client.close();
});

test('an answer that was not acknowledged is sent again on a new connection of the session', async () => {
  const client = await RawClient.withKey(emulator);
  const answer = await client.next(
    (
      (msgId) => (it) =>
        it.reqMsgId === msgId
    )(client.send(GET_CONFIG)),
  );
  client.close();
  await client.ended;
  const again = await RawClient.withKey(emulator, {}, client.key);
  Object.assign(again, { sessionId: client.sessionId, contentSent: 9 });
  again.expect(answer.reqMsgId!, GET_CONFIG);
  again.service({ _: 'ping', ping_id: 5n });
  expect((await again.next((it) => it.reqMsgId === answer.reqMsgId)).msgId).toBe(answer.msgId);
  again.close();
});

test('pings, future salts and message states', async () => {
  const client = await RawClient.withKey(emulator);
  const ping = client.service({ _: 'ping', ping_id: 77n });
  expect(await client.nextNamed('pong')).toMatchObject({ msg_id: ping, ping_id: 77n });
  client.service({ _: 'get_future_salts', num: 3 });
  const salts = (await client.nextNamed('future_salts'))['salts'] as TlObject[];
  expect(salts).toHaveLength(3);
  client.key!.salt = salts[0]!['salt'] as bigint;
  const call = client.send(GET_CONFIG);
  const answer = await client.next((it) => it.reqMsgId === call);
  const never = client.msgId(10);
  client.service({ _: 'msgs_state_req', msg_ids: [call, never] });
  const state = await client.nextNamed('msgs_state_info');
  expect([...(state['info'] as Buffer)]).toEqual([4 | 8 | 64, 3]);
  client.service({ _: 'msg_resend_req', msg_ids: [answer.msgId] });
  expect((await client.next((it) => it.reqMsgId === call)).msgId).toBe(answer.msgId);
  client.close();
});

test('ping_delay_disconnect closes the connection unless another one follows', async () => {
  const client = await RawClient.withKey(emulator);
  client.service({ _: 'ping_delay_disconnect', ping_id: 1n, disconnect_delay: 0 });
  expect(await client.ended).toBe(undefined);
});

test('a key can have several sessions, and can be destroyed', async () => {
  const one = await RawClient.withKey(emulator);
  const two = await RawClient.withKey(emulator, {}, one.key);
  expect(await one.call(GET_CONFIG)).toMatchObject({ _: 'config' });
  two.initialised = true;
  expect(await two.call({ _: 'help.getNearestDc' })).toMatchObject({ _: 'nearestDc' });
  one.service({ _: 'destroy_session', session_id: two.sessionId });
  expect(await one.nextNamed('destroy_session_ok')).toMatchObject({ session_id: two.sessionId });
  one.service({ _: 'destroy_session', session_id: two.sessionId });
  expect(await one.nextNamed('destroy_session_none')).toBeDefined();
  await two.nextNamed('new_session_created');
  two.service({ _: 'ping', ping_id: 2n });
  expect(await two.nextNamed('new_session_created')).toBeDefined();
  one.close();
  two.close();
});

test('the layer is required, and must be one that the server knows', async () => {
  const client = await RawClient.withKey(emulator);
  client.initialised = true;
  expect(await client.call(GET_CONFIG)).toMatchObject({ error_message: 'CONNECTION_LAYER_INVALID' });
  const query = { _: 'invokeWithLayer', layer: 1, query: GET_CONFIG };
  expect(await client.call(query)).toMatchObject({ error_message: 'CONNECTION_LAYER_INVALID' });
  client.close();
});

test('an unknown method is an error, counted by its name', async () => {
  const client = await RawClient.withKey(emulator);
  const answer = await client.call({ _: 'messages.getAllDrafts' });
  expect(answer).toMatchObject({ _: 'rpc_error', error_code: 400 });
  expect(answer['error_message']).toContain('messages.getAllDrafts');
  expect(emulator.counters().unknownMethods).toEqual({ 'messages.getAllDrafts': 1 });
  client.close();
});

test('invokeAfterMsg fails when the message before it failed', async () => {
  const client = await RawClient.withKey(emulator);
  const failed = client.send({ _: 'users.getUsers', id: [] });
  expect(await client.answer(failed)).toMatchObject({ error_message: 'AUTH_KEY_UNREGISTERED' });
  const wrapped = (msg_id: bigint): TlObject => ({ _: 'invokeAfterMsg', msg_id, query: GET_CONFIG });
  expect(await client.call(wrapped(failed))).toMatchObject({ error_message: 'MSG_WAIT_FAILED' });
  const fine = client.send(GET_CONFIG);
  expect(await client.call(wrapped(fine))).toMatchObject({ _: 'config' });
  client.close();
});

test('a stream that is not MTProto is cut', async () => {
  const client = await RawClient.connect(emulator);
  client.socket.write('GET / HTTP/1.1\r\n\r\n');
  expect(await client.ended).toBe(undefined);
  const wrong = await RawClient.connect(emulator);
  const [head, payload, tail] = [Buffer.from([28, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(16), Buffer.alloc(4)];
  wrong.socket.write(Buffer.concat([head, payload, tail]));
  expect(await wrong.ended).toBe(undefined);
});

test('nothing that a client sends can crash the server', async () => {
  const client = await RawClient.withKey(emulator);
  await client.call(GET_CONFIG);
  const offsets = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 1, max_id: 0, min_id: 0, hash: 0n };
  const query = { _: 'messages.getHistory', peer: { _: 'inputPeerSelf' }, ...offsets };
  client.initialised = false;
  const body = client.callBody(query);
  client.initialised = true;
  for (let index = 0; index < body.length; index++) {
    const damaged = Buffer.from(body);
    damaged[index]! ^= 1 << (index % 8);
    client.sendMessage(damaged);
    client.sendMessage(damaged.subarray(0, Math.max(4, index & ~3)));
  }
  expect(await client.call({ _: 'help.getNearestDc' })).toMatchObject({ _: 'nearestDc' });
  client.close();
});

test('nested objects are rejected, however deep', async () => {
  const client = await RawClient.withKey(emulator);
  client.initialised = false;
  const body = client.callBody(GET_CONFIG, { params: { _: 'jsonArray', value: [] } });
  const level = Buffer.from('634744f7' + '15c4b51c' + '01000000', 'hex'); // an array that holds one value
  const at = body.indexOf(level.subarray(0, 8));
  const deep = Buffer.concat([body.subarray(0, at), Buffer.alloc(level.length * 40_000, level), body.subarray(at)]);
  const msgId = client.sendMessage(deep);
  expect(await client.answer(msgId)).toMatchObject({ _: 'rpc_error', error_code: 400 });
  client.close();
});
