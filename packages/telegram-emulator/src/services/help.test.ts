import { afterEach, expect, test } from 'vitest';
import { RawClient } from '../raw-client.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { World } from '../world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

test.each([
  [2, [4, 1]],
  [4, [1, 3]],
])('with home %i, the media addresses are at %j; every address is advertised and answers', async (homeDc, media) => {
  emulator = await startEmulator({ world: new World({ homeDc }) });
  const client = await RawClient.withKey(emulator);
  const config = await client.call({ _: 'help.getConfig' });
  const options = config['dc_options'] as TlObject[];
  const shown = options.map((it) => ({ dc: it['id'], mediaOnly: it['media_only'] ?? false, port: it['port'] }));
  expect(shown).toEqual(emulator.addresses.map(({ dc, mediaOnly, port }) => ({ dc, mediaOnly, port })));
  expect(options.filter((it) => it['cdn']).map((it) => it['id'])).toEqual([203]);
  expect(shown.filter((it) => !it.mediaOnly).map((it) => it.dc)).toEqual([1, 2, 3, 4, 203]);
  expect(shown.filter((it) => it.mediaOnly).map((it) => it.dc)).toEqual(media);
  for (const { dc, mediaOnly } of emulator.addresses.filter((it) => it.dc !== 203)) {
    const there = await RawClient.withKey(emulator, { dc, mediaOnly });
    expect(await there.call({ _: 'help.getConfig' })).toMatchObject({ this_dc: dc });
  }
});

test('clients are told the advertised host name', async () => {
  emulator = await startEmulator({ world: new World(), advertise: 'localhost' });
  expect(emulator.server.host).toBe('localhost');
  const client = await RawClient.withKey(emulator);
  const options = (await client.call({ _: 'help.getConfig' }))['dc_options'] as TlObject[];
  expect(new Set(options.map((it) => it['ip_address']))).toEqual(new Set(['localhost']));
});

test('the app config has the limit of parallel transfers', async () => {
  emulator = await startEmulator({ world: new World() });
  const client = await RawClient.withKey(emulator);
  const answer = await client.call({ _: 'help.getAppConfig', hash: 0 });
  const entries = (answer['config'] as TlObject)['value'] as TlObject[];
  const small = entries.find((it) => it['key'] === 'small_queue_max_active_operations_count');
  expect(small?.['value']).toEqual({ _: 'jsonNumber', value: 5 });
  const again = await client.call({ _: 'help.getAppConfig', hash: answer['hash'] });
  expect(again).toEqual({ _: 'help.appConfigNotModified' });
});
