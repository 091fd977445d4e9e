import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { World } from '../world/world.js';

let keysDir: string;
beforeEach(() => {
  keysDir = mkdtempSync(join(tmpdir(), 'emulator-keys-'));
});
afterEach(() => rmSync(keysDir, { recursive: true }));

async function cdnKey(emulator: Emulator): Promise<unknown> {
  const client = await RawClient.withKey(emulator);
  const answer = await client.call({ _: 'help.getCdnConfig' });
  client.close();
  return (answer['public_keys'] as TlObject[])[0]!['public_key'];
}

const GET_STATE: TlObject = { _: 'updates.getState' };

test('keys, layers and logins survive a restart, sessions do not', async () => {
  const first = await startEmulator({ world: new World(), keysDir });
  const before = await login(first);
  const cdnBefore = await cdnKey(first);
  await first.close();
  const second = await startEmulator({ world: new World(), keysDir });
  expect(second.server.public_key).toBe(first.server.public_key);
  expect(await cdnKey(second)).toBe(cdnBefore);
  const after = await RawClient.withKey(second, {}, before.key);
  after.initialised = true;
  expect(await after.call(GET_STATE)).toMatchObject({ _: 'updates.state' });
  expect(await after.nextNamed('new_session_created')).toBeDefined();
  expect(statSync(join(keysDir, 'keys.json')).mode & 0o777).toBe(0o600);
  await second.close();
});

test('an ended login stays ended', async () => {
  const first = await startEmulator({ world: new World(), keysDir });
  const a = await login(first);
  const b = Object.assign(await RawClient.withKey(first, {}, a.key), { initialised: true });
  await a.call(GET_STATE);
  await b.call(GET_STATE);
  expect(await a.call(GET_STATE)).toMatchObject({ error_message: 'AUTH_KEY_DUPLICATED' });
  await first.close();
  const second = await startEmulator({ world: new World(), keysDir });
  const again = await RawClient.withKey(second, {}, a.key);
  expect(await again.call(GET_STATE)).toMatchObject({ error_message: 'AUTH_KEY_DUPLICATED' });
  await second.close();
});

test('logins of another account are left out', async () => {
  const first = await startEmulator({ world: new World(), keysDir });
  const { key } = await login(first);
  await first.close();
  const second = await startEmulator({ world: new World({ userId: 5n }), keysDir });
  const client = await RawClient.withKey(second, {}, key);
  expect(await client.call(GET_STATE)).toMatchObject({ error_message: 'AUTH_KEY_UNREGISTERED' });
  await second.close();
});
