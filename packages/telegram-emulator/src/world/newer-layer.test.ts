/** A client of the newest available layer reads all of a generated world, by every method, to the last field. */
import { expect, test } from 'vitest';
import { knownLayers } from '../tl/layers.js';
import type { TlObject } from '../tl/value.js';
import { directClient, inputChannel, inputPeer } from './direct-client.js';
import { generateWorld } from './generate/generate-world.js';

const NEWEST = knownLayers().newest;
const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };
const world = generateWorld({ seed: 'newest', newer: true });
const ask = directClient(world, NEWEST);
const readable = world.chats.filter((it) => it.listed && it.readable);

test('it is newer than the layer of the world', () => {
  expect(NEWEST).toBeGreaterThan(knownLayers().base);
});

test('it reads every history, every dialog and every full form', async () => {
  const { messages } = await world.inventory();
  ask('messages.getDialogs', { ...page, offset_peer: { _: 'inputPeerEmpty' } });
  for (const chat of readable) {
    const peer = inputPeer(world, chat.id);
    const found: TlObject[] = [];
    for (let offset_id = 0; ;) {
      const part = ask('messages.getHistory', { ...page, peer, offset_id })['messages'] as TlObject[];
      found.push(...part.filter((it) => it._ !== 'messageEmpty'));
      if (part.length === 0) break;
      offset_id = part.at(-1)!['id'] as number;
    }
    const own = messages.filter((it) => it.chatId === chat.id).toReversed();
    expect(found.map((it) => [it['id'], it['message'] ?? ''])).toEqual(own.map((it) => [it.id, it.text]));
    expect(found.map((it) => (it['action'] as TlObject | undefined)?._)).toEqual(own.map((it) => it.action));
    ask('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer }] });
    if (chat.ownSequence) ask('channels.getFullChannel', { channel: inputChannel(world, chat.id) });
    else if (chat.kind === 'group') ask('messages.getFullChat', { chat_id: chat.bareId });
    else ask('users.getFullUser', { id: { ...peer, _: 'inputUser' } });
  }
});

test('it gets every media and action added since the layer of the world, and older clients get none of them', () => {
  const chat = world.chat('Newer Things');
  const read = (layer: number): TlObject[] => {
    const peer = inputPeer(world, chat.id);
    return directClient(world, layer)('messages.getHistory', { ...page, peer })['messages'] as TlObject[];
  };
  const found = new Set<string>();
  for (const it of read(NEWEST)) found.add(((it['media'] ?? it['action']) as TlObject | undefined)?._ ?? '');
  const [now, before] = [knownLayers().get(NEWEST)!, knownLayers().get(knownLayers().base)!];
  for (const { name, result } of now.constructors.values())
    if (result.kind === 'boxed' && /^Message(Media|Action)$/.test(result.name) && !before.constructors.has(name))
      expect(found, name).toContain(name);
  const old = read(knownLayers().base);
  expect(old.map((it) => (it['media'] as TlObject)._)).toEqual(Array(old.length).fill('messageMediaUnsupported'));
});

test('their files exist, and count as part of the message', async () => {
  const { messages } = await world.inventory();
  const own = messages.filter((it) => it.chatId === world.chat('Newer Things').id);
  const near = own.flatMap((it) => it.nearby.map(({ where }) => where));
  expect(new Set(near)).toEqual(new Set(['starGift.sticker']));
  // A photo and its video, three files of a poll and one of an added answer, two of a rich message.
  expect(own.flatMap((it) => it.media)).toHaveLength(8);
});

test('it reads differences and searches', () => {
  const filter = { _: 'channelMessagesFilterEmpty' };
  expect(ask('updates.getDifference', { pts: 1, date: 1, qts: 0 })).toHaveProperty(
    '_',
    expect.stringMatching(/^updates.difference/),
  );
  for (const chat of readable.filter((it) => it.ownSequence)) {
    ask('updates.getChannelDifference', { channel: inputChannel(world, chat.id), filter, pts: 1, limit: 100 });
    const search = { q: '', min_date: 0, max_date: 0, filter: { _: 'inputMessagesFilterPhotos' } };
    ask('messages.search', { ...page, ...search, peer: inputPeer(world, chat.id) });
  }
});

test('it asks for topics by peer', () => {
  const forum = world.chat('Makers’ Forum');
  const peer = inputPeer(world, forum.id);
  const query = { peer, offset_date: 0, offset_id: 0, offset_topic: 0, limit: 100 };
  const { topics, count } = ask('messages.getForumTopics', query) as unknown as { topics: TlObject[]; count: number };
  expect([count, topics.length]).toEqual([forum.topics.length, forum.topics.length]);
  const one = ask('messages.getForumTopicsByID', { peer, topics: [topics[0]!['id']] });
  expect(one['topics']).toMatchObject([{ id: topics[0]!['id'] }]);
  const cats = inputPeer(world, world.chat('Cat Pictures').id);
  expect(() => ask('messages.getForumTopics', { ...query, peer: cats })).toThrow('CHANNEL_FORUM_MISSING');
});
