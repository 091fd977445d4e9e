/** If the size that clients are told is wrong, either way, the real bytes are served all the same. */
import { afterEach, expect, test } from 'vitest';
import { gramJs, logIn } from '../gramjs-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import { inputPeer } from './direct-client.js';
import { World } from './world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

test.each([9000, 3000])('clients are told %i, the file has 5000', async (claimedSize) => {
  const world = new World();
  const cats = world.addChannel({ title: 'cats' });
  const document = world.addDocument({ size: 5000, claimedSize });
  const photo = world.addPhoto({ size: 5000, claimedSize });
  const [w, h, type] = [10, 10, 'z'];
  const progressive = world.addPhoto({
    sizes: [{ form: 'progressive', type, w, h, size: 5000, claimed: claimedSize, steps: [1000, 5000] }],
  });
  cats.addMessage({ document });
  cats.addMessage({ photo });
  cats.addMessage({ photo: progressive });
  emulator = await startEmulator({ world });
  const client = await login(emulator);
  const answer = await client.call({ _: 'messages.getHistory', ...page, peer: inputPeer(world, cats.id) });
  const [third, second, first] = (answer['messages'] as TlObject[]).map((it) => it['media'] as TlObject);
  expect(first!['document']).toMatchObject({ size: BigInt(claimedSize) });
  const sizes = (second!['photo'] as TlObject)['sizes'] as TlObject[];
  expect(sizes.map((it) => it['size'])).toEqual([undefined, 312, 1666, claimedSize]);
  expect(third!['photo']).toMatchObject({ sizes: [{ sizes: [1000, claimedSize] }] });
  for (const [location, file, thumb_size] of [
    ['inputDocumentFileLocation', document, ''],
    ['inputPhotoFileLocation', photo, 'y'],
    ['inputPhotoFileLocation', progressive, 'z'],
  ] as const) {
    const { id, accessHash: access_hash } = file;
    const rest = { id, access_hash, file_reference: world.references.issue(file), thumb_size };
    const part = async (offset: bigint): Promise<number> => {
      const query = { _: 'upload.getFile', location: { _: location, ...rest }, offset, limit: 4096 };
      return ((await client.call(query))['bytes'] as Buffer).length;
    };
    expect([await part(0n), await part(4096n), await part(8192n)]).toEqual([4096, 904, 0]);
  }
  expect((await world.inventory()).files.map((it) => it.size)).toEqual([5000, 5000, 5000]);
});

test('stock GramJS returns what came, as if it were the whole file', async () => {
  const world = new World();
  world
    .addChannel({ title: 'cats' })
    .addMessage({ document: world.addDocument({ size: 70_000, claimedSize: 90_000 }) });
  emulator = await startEmulator({ world });
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    const [dialog] = await stock.getDialogs();
    const [message] = await stock.getMessages(dialog!.inputEntity);
    expect(String(message!.document!.size)).toBe('90000');
    expect(await stock.downloadMedia(message!)).toHaveLength(70_000);
  } finally {
    await stock.destroy();
  }
});
