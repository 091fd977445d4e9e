import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { type Tamper, exchangeKey } from '../raw-key-exchange.js';
import { type Emulator, startEmulator } from '../server.js';
import { World } from '../world/world.js';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ world: new World() });
});
afterAll(() => emulator.close());

const tampered: [string, Tamper][] = [
  ['another nonce', (it) => (it._ === 'req_DH_params' ? { ...it, nonce: randomBytes(16) } : it)],
  ['another server_nonce', (it) => (it._ === 'set_client_DH_params' ? { ...it, server_nonce: randomBytes(16) } : it)],
  ['wrong factors', (it) => (it._ === 'req_DH_params' ? { ...it, p: it['q'] } : it)],
  ['another RSA key', (it) => (it._ === 'req_DH_params' ? { ...it, public_key_fingerprint: 5n } : it)],
  [
    'data that is not RSA_PAD',
    (it) => (it._ === 'req_DH_params' ? { ...it, encrypted_data: Buffer.alloc(256, 1) } : it),
  ],
  ['another inner nonce', (it) => (it._ === 'p_q_inner_data_dc' ? { ...it, nonce: randomBytes(16) } : it)],
  ['another data centre', (it) => (it._ === 'p_q_inner_data_dc' ? { ...it, dc: 3 } : it)],
  ['a g_b of 1', (it) => (it._ === 'client_DH_inner_data' ? { ...it, g_b: Buffer.from([1]) } : it)],
  ['a damaged answer', (it) => (it._ === 'set_client_DH_params' ? { ...it, encrypted_data: Buffer.alloc(336) } : it)],
];

test.each(tampered)('%s ends the exchange with -404', async (_, tamper) => {
  const client = await RawClient.connect(emulator);
  await expect(exchangeKey(client, emulator.server.public_key, 2, tamper)).rejects.toThrow('transport error -404');
});

test('the media address of a data centre makes keys of that data centre', async () => {
  const client = await RawClient.connect(emulator, { dc: 4, mediaOnly: true });
  const tamper: Tamper = (it) => (it._ === 'p_q_inner_data_dc' ? { ...it, dc: -4 } : it);
  const key = await exchangeKey(client, emulator.server.public_key, 4, tamper);
  client.close();
  const ordinary = await RawClient.withKey(emulator, { dc: 4 }, key);
  expect(await ordinary.call({ _: 'help.getConfig' })).toMatchObject({ this_dc: 4 });
  ordinary.close();
});
