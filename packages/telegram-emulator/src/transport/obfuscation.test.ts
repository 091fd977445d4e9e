import { afterEach, expect, test } from 'vitest';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import { World } from '../world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

test.each([
  { transport: 'padded intermediate', obfuscated: false },
  { transport: 'padded intermediate', obfuscated: true },
  { transport: 'intermediate', obfuscated: true },
  { transport: 'abridged', obfuscated: true },
] as const)('$transport, obfuscated $obfuscated: a key, a login and a large answer', async (where) => {
  const world = new World();
  const cats = world.addChannel({ title: 'cats' });
  // Noise, so that the answer stays large when gzipped.
  cats.addMessages(100, (index) => ({ text: noise(index) }));
  emulator = await startEmulator({ world });
  const client = await login(emulator, where);
  const peer = { _: 'inputPeerChannel', channel_id: cats.bareId, access_hash: cats.accessHash };
  const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };
  const answer = await client.call({ _: 'messages.getHistory', peer, ...page });
  const texts = (answer['messages'] as { message: string }[]).map((it) => it.message);
  expect(texts.toReversed()).toEqual(Array.from({ length: 100 }, (_, index) => noise(index)));
  client.sendMessage(Buffer.alloc(4), { salt: 0n });
  expect(await client.nextNamed('bad_server_salt')).toBeDefined();
  emulator.forgetKeys();
  client.service({ _: 'ping', ping_id: 1n });
  expect(await client.ended).toBe(-404);
});

/** A text of 2000 characters that differs for each number. */
function noise(index: number): string {
  let state = index + 1;
  return Array.from({ length: 2000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(0x4e00 + (state % 20_000));
  }).join('');
}
