import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
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

test('faults are added, waited for, listed and removed', async () => {
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
  expect(await ask('POST', '/faults', { kind: 'magic' })).toMatchObject({ error: expect.stringContaining('kind') });
});

test('a login token is accepted as a phone does', async () => {
  const client = await RawClient.withKey(emulator);
  const shown = await client.call({ _: 'auth.exportLoginToken', api_id: 1, api_hash: 'hash', except_ids: [] });
  const token = (shown['token'] as Buffer).toString('base64url');
  expect(await ask('POST', '/login-tokens/accept', { token })).toMatchObject({ _: 'authorization' });
  await client.nextNamed('updateShort');
  expect(await ask('POST', '/login-tokens/accept', { token })).toEqual({ error: 'AUTH_TOKEN_ALREADY_ACCEPTED' });
});

test('calls are streamed, connections dropped, messages added', async () => {
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
