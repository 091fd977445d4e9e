/** With a hidden beginning, histories and searches show the newest messages only, but all can be read by id. */
import { afterEach, expect, test } from 'vitest';
import { gramJs, logIn } from '../gramjs-client.js';
import { login } from '../raw-login.js';
import { type Emulator, startEmulator } from '../server.js';
import type { TlObject } from '../tl/value.js';
import type { Chat } from '../world/chat.js';
import { inputChannel, inputPeer } from '../world/direct-client.js';
import { World } from '../world/world.js';

let emulator: Emulator;
afterEach(() => emulator.close());

const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

async function start(make: (world: World) => Chat) {
  const world = new World();
  const chat = make(world);
  chat.addMessages(2000);
  emulator = await startEmulator({ world });
  const client = await login(emulator);
  const peer = inputPeer(world, chat.id);
  const history = (more: Partial<typeof page>): Promise<TlObject> =>
    client.call({ _: 'messages.getHistory', ...page, peer, ...more });
  return { world, chat, client, peer, history };
}

const ids = (answer: TlObject): number[] => (answer['messages'] as TlObject[]).map((it) => it['id'] as number);
const range = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, index) => from - index);
const named = (wanted: number[]): TlObject[] => wanted.map((id) => ({ _: 'inputMessageID', id }));

test('a history ends at the hidden beginning, from every side', async () => {
  const { chat, client, history, world } = await start((it) => it.addChannel({ title: 'cats' }));
  const shown = chat.hideHead({ newest: 500 });
  expect(await history({})).toMatchObject({ count: 500 });
  expect(ids(await history({ offset_id: 1531 }))).toEqual(range(1530, 1501));
  expect(ids(await history({ offset_id: 1501 }))).toEqual([]);
  expect(ids(await history({ offset_id: 700 }))).toEqual([]);
  expect(ids(await history({ offset_id: 1, add_offset: -1, limit: 1 }))).toEqual([1501]);
  expect(ids(await history({ offset_date: chat.store.get(1000)!.date }))).toEqual([]);
  const byId = { _: 'channels.getMessages', channel: inputChannel(world, chat.id), id: named(range(1500, 1401)) };
  expect(ids(await client.call(byId)).toSorted((a, b) => b - a)).toEqual(range(1500, 1401));
  chat.addMessage();
  expect(await history({})).toMatchObject({ count: 501 });
  shown();
  expect(await history({ offset_id: 101 })).toMatchObject({ count: 2001, messages: { length: 100 } });
});

test('so do searches and their counts, in a private chat too', async () => {
  const { world, chat, client, peer } = await start((it) => it.addUser({ title: 'Alice' }));
  chat.hideHead({ newest: 3 });
  const search = { q: 'Message', min_date: 0, max_date: 0, filter: { _: 'inputMessagesFilterEmpty' } };
  expect(ids(await client.call({ _: 'messages.search', ...page, ...search, peer }))).toEqual([2000, 1999, 1998]);
  const filters = [search.filter];
  expect(await client.call({ _: 'messages.getSearchCounters', peer, filters })).toMatchObject([{ count: 3 }]);
  expect(ids(await client.call({ _: 'messages.getMessages', id: named([1]) }))).toEqual([1]);
  chat.hideHead({ newest: 0 });
  expect(ids(await client.call({ _: 'messages.getHistory', ...page, peer }))).toEqual([]);
  expect((await world.inventory()).messages).toHaveLength(2000);
});

test('stock GramJS reads the visible messages, and the others by id', async () => {
  const { chat } = await start((it) => it.addChannel({ title: 'cats' }));
  chat.hideHead({ newest: 150 });
  const stock = await gramJs(emulator);
  try {
    await logIn(stock, '+10000000001', ['12345']);
    const [dialog] = await stock.getDialogs();
    expect(await stock.getMessages(dialog!.inputEntity, { limit: 1000 })).toHaveLength(150);
    const byId = await stock.getMessages(dialog!.inputEntity, { ids: [1, 2, 3] });
    expect(byId.map((it) => it.id).toSorted()).toEqual([1, 2, 3]);
  } finally {
    await stock.destroy();
  }
});
