/** A file that has moved is refused at its old location, until a message shows the new one. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { inputChannel } from '../world/direct-client.js';
import type { DocumentFile, PhotoFile } from '../world/media-file.js';
import { World } from '../world/world.js';

let emulator: Emulator;
let world: World;
let cats: Chat;
let document: DocumentFile;
let photo: PhotoFile;
let client: RawClient;
beforeEach(async () => {
  world = new World();
  cats = world.addChannel({ title: 'cats' });
  document = world.addDocument({ dc: 2, size: 5000 });
  photo = world.addPhoto({ dc: 2, size: 5000 });
  cats.addMessage({ document });
  cats.addMessage({ photo });
  emulator = await startEmulator({ world });
  client = await login(emulator);
});
afterEach(() => emulator.close());

/** The current location of a message's file. */
async function currentLocation(id: number): Promise<TlObject> {
  const channel = inputChannel(world, cats.id);
  const answer = await client.call({ _: 'channels.getMessages', channel, id: [{ _: 'inputMessageID', id }] });
  const media = (answer['messages'] as TlObject[])[0]!['media'] as TlObject;
  const file = (media['document'] ?? media['photo']) as TlObject;
  const rest = { id: file['id'], access_hash: file['access_hash'], file_reference: file['file_reference'] };
  if (file._ === 'photo') return { _: 'inputPhotoFileLocation', ...rest, thumb_size: 'y' };
  return { _: 'inputDocumentFileLocation', ...rest, thumb_size: '' };
}

const get = (location: TlObject, by = client): Promise<TlObject> =>
  by.call({ _: 'upload.getFile', location, offset: 0n, limit: 4096 });
const refused = { error_code: 400, error_message: 'LOCATION_NOT_AVAILABLE' };

test('its old access hash and old reference are refused, the new ones work', async () => {
  for (const [id, file] of [
    [1, document],
    [2, photo],
  ] as const) {
    const before = await currentLocation(id);
    expect(await get(before)).toMatchObject({ _: 'upload.file' });
    world.relocateFiles([file]);
    const after = await currentLocation(id);
    expect(after['access_hash']).not.toBe(before['access_hash']);
    expect(await get(before)).toMatchObject(refused);
    expect(await get({ ...after, file_reference: before['file_reference'] })).toMatchObject(refused);
    expect(await get({ ...after, access_hash: before['access_hash'] })).toMatchObject(refused);
    expect(await client.call({ _: 'upload.getFileHashes', location: before, offset: 0n })).toMatchObject(refused);
    expect(await get(after)).toMatchObject({ _: 'upload.file' });
    expect(await get({ ...after, access_hash: 1n })).toMatchObject({ error_message: 'LOCATION_INVALID' });
  }
});

test('it moves to another data centre, with the same bytes', async () => {
  const before = await currentLocation(1);
  const bytes = (await get(before))['bytes'];
  world.relocateFiles([document], { dc: 4 });
  expect(await get(before)).toMatchObject(refused);
  const after = await currentLocation(1);
  expect(await get(after)).toMatchObject({ error_message: 'FILE_MIGRATE_4' });
  const { id, bytes: token } = await client.call({ _: 'auth.exportAuthorization', dc_id: 4 });
  const { RawClient: Raw } = await import('../raw-client.js');
  const there = await Raw.withKey(emulator, { dc: 4 });
  await there.call({ _: 'auth.importAuthorization', id, bytes: token });
  expect((await get(after, there))['bytes']).toEqual(bytes);
});

test('an expired reference still gets its own error, and files can move during a download', async () => {
  const before = await currentLocation(1);
  world.expireFileReferences();
  expect(await get(before)).toMatchObject({ error_message: 'FILE_REFERENCE_EXPIRED' });
  const good = await currentLocation(1);
  emulator.faults.add({ method: 'upload.getFile', skip: 1, times: 1, kind: 'relocate-files' });
  expect(await get(good)).toMatchObject({ _: 'upload.file' });
  expect(await get(good)).toMatchObject(refused);
  expect(await get(await currentLocation(1))).toMatchObject({ _: 'upload.file' });
});
