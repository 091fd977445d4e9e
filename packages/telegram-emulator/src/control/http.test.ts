import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { login, sendCode } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import { World } from '../world/world.js';

let emulator: Emulator;
beforeEach(async () => {
  const world = new World();
  world.addChannel({ title: 'cats & dogs' }).addMessage({ text: 'hello', document: world.addDocument({ size: 5000 }) });
  emulator = await startEmulator({ world, controlPort: 0 });
});
afterEach(() => emulator.close());

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(emulator.control + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return response.json();
}

test('the server, the inventory and the counters', async () => {
  expect(await ask('GET', '/')).toEqual({
    server: emulator.server,
    account: { phone: '+10000000001', code: '12345', userId: String(emulator.world.account.userId), homeDc: 2 },
  });
  expect(await ask('GET', '/inventory')).toEqual(await emulator.world.inventoryJson());
  await login(emulator);
  expect(await ask('GET', '/counters')).toMatchObject({ calls: { 'auth.signIn': 1 }, keyExchanges: { 2: 1 } });
  await ask('DELETE', '/counters');
  expect(await ask('GET', '/counters')).toMatchObject({ calls: {} });
  expect(await ask('GET', '/nothing')).toEqual({ error: 'no GET /nothing' });
});

test('faults can be added, awaited, listed and removed', async () => {
  const client = await login(emulator);
  const method = { regexp: '^updates' };
  const added = await ask('POST', '/faults', { method, kind: 'error', code: 420, message: 'FLOOD_WAIT_1', times: 1 });
  expect(added).toMatchObject({ id: 1, hits: 0, fault: { method } });
  const hit = ask('GET', '/faults/1/hit');
  expect(await client.call({ _: 'updates.getState' })).toMatchObject({ error_message: 'FLOOD_WAIT_1' });
  expect(await hit).toMatchObject({ id: 1, hits: 1 });
  expect(await ask('GET', '/faults')).toEqual([]);
  await ask('POST', '/faults', { kind: 'stall', method: 'upload.getFile' });
  expect(await ask('GET', '/faults')).toHaveLength(1);
  await ask('DELETE', '/faults/2');
  expect(await ask('GET', '/faults')).toEqual([]);
  for (const kind of ['corrupt', 'expire-cdn-tokens', 'drop-cdn-files'])
    expect(await ask('POST', '/faults', { kind, method: 'upload.getCdnFile' })).toMatchObject({ fault: { kind } });
  const peer = String(emulator.world.chat('cats & dogs').id);
  const batch = { kind: 'error', code: 400, message: 'PEER_ID_INVALID', peer, every: 2, inited: false, fromCall: 1 };
  expect(await ask('POST', '/faults', batch)).toMatchObject({ fault: batch });
  expect(await ask('POST', '/faults', { kind: 'magic' })).toMatchObject({ error: expect.stringContaining('kind') });
});

test('an outage begins and ends', async () => {
  const client = await login(emulator);
  const outage = { dc: 2, how: 'times-out', method: { regexp: '^updates' } };
  const { mark } = (await ask('POST', '/outages', outage)) as { mark: number };
  expect(await client.call({ _: 'updates.getState' })).toMatchObject({ error_message: 'Timeout' });
  await ask('DELETE', `/marks/${mark}`);
  expect(await client.call({ _: 'updates.getState' })).toMatchObject({ _: 'updates.state' });
  expect(await ask('POST', '/outages', { dc: 2, how: 'never' })).toEqual({
    error: 'how must be one of refuses, cuts, silent, times-out',
  });
});

test('the beginning of a chat can be hidden, an access hash rotated, files relocated', async () => {
  const { world } = emulator;
  const client = await login(emulator);
  const chat = world.chat('cats & dogs');
  const path = `/chats/${chat.id}`;
  const hash = chat.accessHash;
  const [document] = [...world.documents.values()];
  const place = document!.accessHash;
  const { mark } = (await ask('POST', `${path}/hide-head`, { newest: 0 })) as { mark: number };
  expect(chat.hiddenBelow).toBe(2);
  await ask('DELETE', `/marks/${mark}`);
  expect(chat.hiddenBelow).toBe(0);
  await ask('POST', `${path}/rotate-access-hash`, { refusal: 'CHANNEL_PRIVATE' });
  const channel = { _: 'inputChannel', channel_id: chat.bareId, access_hash: hash };
  expect(await client.call({ _: 'channels.getFullChannel', channel })).toMatchObject({
    error_message: 'CHANNEL_PRIVATE',
  });
  await ask('POST', '/files/relocate', { dc: 3 });
  expect([document!.hasMovedFrom(place), document!.dc]).toEqual([true, 3]);
});

test('codes can be sent in another way', async () => {
  await ask('PATCH', '/account', { codeWays: ['email'], email: 'me@example.com' });
  const client = await RawClient.withKey(emulator);
  const type = { _: 'auth.sentCodeTypeEmailCode', email_pattern: 'm***e@example.com' };
  expect(await sendCode(client, emulator.world.account.phone)).toMatchObject({ type });
});

test('a login token can be accepted, as a phone does', async () => {
  const client = await RawClient.withKey(emulator);
  const shown = await client.call({ _: 'auth.exportLoginToken', api_id: 1, api_hash: 'hash', except_ids: [] });
  const token = (shown['token'] as Buffer).toString('base64url');
  expect(await ask('POST', '/login-tokens/accept', { token })).toMatchObject({ _: 'authorization' });
  await client.nextNamed('updateShort');
  expect(await ask('POST', '/login-tokens/accept', { token })).toEqual({ error: 'AUTH_TOKEN_ALREADY_ACCEPTED' });
});

test('calls can be streamed, connections dropped, messages added', async () => {
  const response = await fetch(`${emulator.control}/calls`);
  const client = await login(emulator);
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toContain('"method":"auth.sendCode"');
  await reader.cancel();
  expect(await ask('POST', '/connections/drop', { dc: 2 })).toEqual({ dropped: 1 });
  await client.ended;
  const path = `/chats/${encodeURIComponent('cats & dogs')}/messages`;
  const { id } = (await ask('POST', path, { text: 'more' })) as { id: number };
  await ask('POST', path, { document: { size: 3000, name: 'a.txt' }, photo: undefined });
  await ask('POST', path, { photo: { size: 2000 } });
  expect((await emulator.world.inventory()).files.map((it) => it.size)).toEqual([5000, 3000, 2000]);
  await ask('PATCH', path, { id, text: 'much more' });
  const inventory = await emulator.world.inventory();
  expect(inventory.messages.find((it) => it.id === id)?.text).toBe('much more');
  await ask('DELETE', path, { id });
  expect((await emulator.world.inventory()).messages.some((it) => it.id === id)).toBe(false);
});

test('things can be marked as newer, min or pending, and unmarked', async () => {
  const client = await login(emulator);
  const chat = emulator.world.chat('cats & dogs');
  const channel = { _: 'inputChannel', channel_id: chat.bareId, access_hash: chat.accessHash };
  const read = (): Promise<unknown> =>
    client.call({ _: 'channels.getMessages', channel, id: [{ _: 'inputMessageID', id: 1 }] });
  const readable = { messages: [{ message: 'hello' }] };
  expect(await ask('POST', '/newer/messages', { chat: chat.title, id: 1, following: '00000000' })).toEqual({ mark: 1 });
  expect(await ask('POST', '/newer/peers', { peer: String(chat.id) })).toEqual({ mark: 2 });
  for (const mark of [1, 2]) {
    expect(await read()).toMatchObject({ _: 'unreadable' });
    await ask('DELETE', `/marks/${mark}`);
  }
  expect(await read()).toMatchObject(readable);
  expect(await ask('DELETE', '/marks/1')).toEqual({ error: 'no mark 1' });
  expect(await ask('POST', '/newer/messages', { chat: chat.title, id: 9 })).toMatchObject({
    error: expect.stringContaining('no message 9'),
  });
  const preview = { url: 'https://example.org', pendingUntil: 2_000_000_000 };
  const { id } = (await ask('POST', `/chats/${chat.id}/messages`, { preview })) as { id: number };
  const [before] = [chat.store.get(id)?.pendingUntil, await ask('POST', `/chats/${chat.id}/preview-ready`, { id })];
  expect([before, chat.store.get(id)?.pendingUntil]).toEqual([2_000_000_000, undefined]);
  expect(await ask('POST', '/min', { peer: String(chat.id) })).toEqual({ mark: 3 });
  await client.call({ _: 'updates.getState' });
  await ask('POST', '/newer/updates', {});
  await ask('POST', `/chats/${chat.id}/messages`, { text: 'more', newer: { as: 'unsupported' } });
  await client.nextNamed('unreadable');
});

test('things happen in the world, are pushed as asked for, and recorded', async () => {
  const client = await login(emulator);
  await client.call({ _: 'updates.getState' });
  const chat = emulator.world.chat('cats & dogs');
  const path = `/chats/${chat.id}`;
  const { mark } = (await ask('POST', '/pushes/faults', { kind: 'drop', chat: String(chat.id) })) as { mark: number };
  await ask('POST', `${path}/events`, { what: 'views', id: 1, views: 7 });
  await ask('DELETE', `/marks/${mark}`);
  await ask('POST', '/pushes/form', { short: true });
  await ask('POST', `${path}/events`, { what: 'pin', ids: [1] });
  expect(await client.nextNamed('updateShort')).toMatchObject({ update: { _: 'updatePinnedChannelMessages' } });
  await ask('POST', '/pushes', { what: 'too-long' });
  await client.nextNamed('updatesTooLong');
  expect(client.arrived.map((it) => (it.object as { _: string })._)).not.toContain('updates');
  expect(await ask('POST', '/random-events', { kinds: ['edit'], count: 2 })).toEqual({ happened: ['edit', 'edit'] });
  await ask('POST', `${path}/events`, { what: 'delete', ids: [1] });
  expect(await ask('GET', '/record')).toMatchObject({
    messages: [
      { id: 1, versions: [{ text: 'hello' }, {}, {}], deleted: { reason: 'deleted' }, views: 7, pinned: true },
    ],
    events: [{ what: 'views' }, { what: 'pin' }, { what: 'edit' }, { what: 'edit' }, { what: 'delete' }],
  });
  await ask('PATCH', '/boxes', { slice: 3 });
  expect(emulator.world.boxes.slice).toBe(3);
  expect(await ask('POST', `${path}/events`, { what: 'vanish' })).toMatchObject({
    error: expect.stringContaining('what must be one of') as string,
  });
});
