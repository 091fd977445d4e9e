/** A preview is pending until its date, or until it is ready early and an update says so. */
import { Api } from 'telegram';
import { afterEach, expect, test } from 'vitest';
import { gramJs, logIn } from '../gramjs-client.js';
import type { RawClient } from '../raw-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from './chat.js';
import { inputChannel } from './direct-client.js';
import { World } from './world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

const url = 'https://example.org/cats';
let now = 1_770_000_000;

async function start(): Promise<{ world: World; cats: Chat; alice: Chat; client: RawClient }> {
  const world = new World({ now: () => now });
  const [cats, alice] = [world.addChannel({ title: 'cats' }), world.addUser({ title: 'Alice' })];
  emulator = await startEmulator({ world });
  return { world, cats, alice, client: await login(emulator) };
}

/** The preview of a message, read by its id. */
async function preview(client: RawClient, chat: Chat, id: number): Promise<unknown> {
  const ids = [{ _: 'inputMessageID', id }];
  const query = chat.ownSequence
    ? { _: 'channels.getMessages', channel: inputChannel(chat.world, chat.id), id: ids }
    : { _: 'messages.getMessages', id: ids };
  const [message] = (await client.call(query))['messages'] as TlObject[];
  return (message!['media'] as TlObject)['webpage'];
}

test('it is pending with its date, and then a page with a photo', async () => {
  const { world, cats, client } = await start();
  const photo = world.addPhoto();
  const { id } = cats.addMessage({ text: url, preview: { url, pendingUntil: now + 5, title: 'Cats', photo } });
  const before = (await preview(client, cats, id)) as TlObject;
  expect(before).toMatchObject({ _: 'webPagePending', url, date: now + 5 });
  now += 4;
  expect(await preview(client, cats, id)).toEqual(before);
  now += 1;
  const page = { _: 'webPage', id: before['id'], url, title: 'Cats', photo: { id: photo.id } };
  expect(await preview(client, cats, id)).toMatchObject(page);
  const ready = cats.addMessage({ text: url, preview: { url } });
  expect(await preview(client, cats, ready.id)).toMatchObject({ _: 'webPage' });
});

test('it may turn out to be empty, and other media is never pending', async () => {
  const { world, cats, client } = await start();
  const { id } = cats.addMessage({ text: url, preview: { url, pendingUntil: now + 5, empty: true } });
  expect(await preview(client, cats, id)).toMatchObject({ _: 'webPagePending' });
  cats.editMessage(id, { photo: world.addPhoto() });
  expect(await preview(client, cats, id)).toBe(undefined);
  const other = cats.addMessage({ text: url, preview: { url, pendingUntil: now, empty: true } });
  expect(await preview(client, cats, other.id)).toMatchObject({ _: 'webPageEmpty', url });
});

test('if it is ready early, that is pushed, and included in the difference', async () => {
  const { world, cats, alice, client } = await start();
  await client.call({ _: 'updates.getState' });
  for (const chat of [cats, alice]) {
    const { pts } = chat.log;
    const { id } = chat.addMessage({ text: url, preview: { url, pendingUntil: now + 1000, photo: world.addPhoto() } });
    await client.nextNamed('updates');
    chat.previewReady(id);
    const name = chat.ownSequence ? 'updateChannelWebPage' : 'updateWebPage';
    const update = { _: name, webpage: { _: 'webPage', photo: { _: 'photo' } }, pts: pts + 2, pts_count: 1 };
    expect(await client.nextNamed('updates')).toMatchObject({ updates: [update] });
    expect(await preview(client, chat, id)).toMatchObject({ _: 'webPage' });
    const difference = chat.ownSequence
      ? {
          _: 'updates.getChannelDifference',
          channel: inputChannel(world, chat.id),
          filter: { _: 'channelMessagesFilterEmpty' },
        }
      : { _: 'updates.getDifference', date: now, qts: 0 };
    const answer = await client.call({ ...difference, pts, limit: 100 });
    expect(answer['other_updates']).toContainEqual(
      expect.objectContaining({ _: name, webpage: expect.objectContaining({ _: 'webPage' }) }),
    );
    expect(() => chat.previewReady(id)).toThrow('no preview is pending');
  }
});

test('stock GramJS reads both', async () => {
  const { cats } = await start();
  const { id } = cats.addMessage({ text: url, preview: { url, pendingUntil: now + 5 } });
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    const [dialog] = await stock.getDialogs();
    const read = async (): Promise<unknown> => {
      const [message] = await stock.getMessages(dialog!.inputEntity, { ids: [id] });
      return (message!.media as Api.MessageMediaWebPage).webpage;
    };
    expect(await read()).toBeInstanceOf(Api.WebPagePending);
    now += 5;
    expect(await read()).toBeInstanceOf(Api.WebPage);
  } finally {
    await stock.destroy();
  }
});
