/** A generated world has every kind that it promises, is the same each time, and can be encoded to the last field. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TlObject } from '../tl/value.js';
import { mediaOf } from './carried-media.js';
import { directClient, inputPeer } from './direct-client.js';
import { generateWorld } from './generate/generate-world.js';
import { HOSTILE_NAMES } from './generate/names.js';
import { decodeText, fileBytes } from './media-file.js';
import { World } from './world.js';

const options = { seed: 'test', now: () => 1_770_000_000 };
const world = generateWorld(options);
const ask = directClient(world);

const page = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n };

/** Reads a whole history like a client. */
function* history(id: bigint): Generator<TlObject> {
  const peer = inputPeer(world, id);
  for (let offset = 0; ;) {
    const answer = ask('messages.getHistory', { ...page, peer, offset_id: offset });
    const messages = answer['messages'] as TlObject[];
    yield* messages;
    const last = messages.at(-1);
    if (!last) return;
    offset = last['id'] as number;
  }
}

const known = (): Set<string> => {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return;
    if ('_' in value) found.add(String(value._));
    for (const inner of Object.values(value)) walk(inner);
  };
  for (const chat of world.chats.filter((it) => it.listed && it.readable)) for (const it of history(chat.id)) walk(it);
  return found;
};

describe('a generated world', () => {
  test('is the same for the same seed, and differs for another', async () => {
    const first = await world.inventory();
    expect(await generateWorld(options).inventory()).toEqual(first);
    const other = await generateWorld({ ...options, seed: 'other' }).inventory();
    expect(other.messages).not.toEqual(first.messages);
  });

  test('can be read completely, message by message, through the wire form', async () => {
    const inventory = await world.inventory();
    for (const chat of inventory.chats.filter((it) => it.readable)) {
      const read = [...history(chat.id)].filter((it) => it._ !== 'messageEmpty');
      const expected = inventory.messages.filter((it) => it.chatId === chat.id).toReversed();
      expect(read.map((it) => it['id'])).toEqual(expected.map((it) => it.id));
      expect(read.map((it) => it['message'] ?? '')).toEqual(expected.map((it) => it.text));
      expect(read.map((it) => it['date'])).toEqual(expected.map((it) => it.date));
      expect(read.map((it) => (it['action'] as TlObject | undefined)?._)).toEqual(expected.map((it) => it.action));
      expect(chat.messages).toBe(read.length);
    }
  });

  test('contains every constructor of media, attribute, entity and action that a person can come across', async () => {
    const found = known();
    const { knownLayers } = await import('../tl/layers.js');
    const schema = knownLayers().get(knownLayers().base);
    const groups = [
      'MessageMedia',
      'MessageAction',
      'PhotoSize',
      'DocumentAttribute',
      'WebPage',
      'Photo',
      'Document',
      'Message',
    ];
    /** Only bots receive the first; the others have no form that an account sees in its history. */
    const never = /SentMe$|NotModified$|StarGiftUnique$/;
    for (const { name, result } of schema?.constructors.values() ?? []) {
      if (result.kind !== 'boxed' || !groups.includes(result.name) || never.test(name)) continue;
      expect(found, name).toContain(name);
    }
    for (const name of [
      'messageReplyStoryHeader',
      'videoSize',
      'messageExtendedMediaPreview',
      'messageReactions',
      'factCheck',
    ])
      expect(found).toContain(name);
  });

  test('has chats of every kind, and files on each data centre', async () => {
    const { chats, files } = await world.inventory();
    for (const kind of ['user', 'group', 'supergroup', 'channel'] as const)
      expect(chats.filter((it) => it.kind === kind).length).toBeGreaterThan(1);
    expect(chats.filter((it) => !it.readable).map((it) => it.title)).toEqual(['Secret Garden']);
    expect(world.chats.some((it) => it.migratedTo)).toBe(true);
    for (const dc of [1, 2, 3, 4])
      for (const kind of ['photo', 'document']) expect(files.some((it) => it.dc === dc && it.kind === kind)).toBe(true);
    const bytes = files.reduce((sum, it) => sum + it.size, 0);
    expect(bytes).toBeLessThan(80 * 2 ** 20);
    for (const size of [0, 2 ** 20, 20 * 2 ** 20]) expect(files.some((it) => it.size === size)).toBe(true);
    expect(files.some((it) => it.messages.length > 1 && new Set(it.messages.map((m) => m.chatId)).size > 3)).toBe(true);
  });

  test('has the names that people really send', async () => {
    const { files } = await world.inventory();
    const names = files.map((it) => it.name);
    for (const [, name] of HOSTILE_NAMES) expect(names).toContain(decodeText(name));
    expect(names.filter((it) => it === 'report.pdf')).toHaveLength(2);
    expect(names).toContain(undefined);
    expect(files.some((it) => it.mimeType === '')).toBe(true);
  });

  test('has peer ids beyond 32 bits, and other ids that a double cannot hold', async () => {
    const { messages, files, chats } = await world.inventory();
    const beyond = (id: bigint | undefined): boolean => id !== undefined && BigInt(Number(id)) !== id;
    const long = (id: bigint | undefined): boolean => id !== undefined && id > 2n ** 32n;
    expect(chats.some((it) => long(it.id))).toBe(true);
    expect(messages.some((it) => long(it.senderId) && it.senderId !== it.chatId)).toBe(true);
    expect(messages.some((it) => long(it.fwdFromId))).toBe(true);
    expect(messages.some((it) => beyond(it.groupedId))).toBe(true);
    expect(files.every((it) => it.id > 2n ** 53n)).toBe(true);
  });

  test('hashes what it serves, and counts each carried file once', async () => {
    const { messages, files } = await world.inventory();
    for (const file of files.filter((it) => it.size < 100_000).slice(0, 40)) {
      const media = (file.kind === 'photo' ? world.photos : world.documents).get(file.id);
      if (!media) throw new Error('a file that is not there');
      expect(
        createHash('sha256')
          .update(fileBytes(media, 0, file.size))
          .digest('hex'),
      ).toBe(file.sha256);
    }
    const carried = messages.flatMap((it) => it.media.map((m) => `${it.chatId}/${it.id}/${m.kind}/${m.id}`));
    expect(new Set(carried).size).toBe(carried.length);
    expect(files.flatMap((it) => it.messages)).toHaveLength(carried.length);
    const largest = [...world.photos.values()].filter((it) => it.sizes.at(-1)?.type !== it.mainSize);
    expect(largest.length).toBeGreaterThan(2);
    expect(messages.some((it) => it.nearby.length > 0 && it.media.length === 0)).toBe(true);
  });

  test('grows to the requested size', async () => {
    const large = generateWorld({ seed: 's', messages: 5_000, files: 600, bytes: 200 * 2 ** 20 });
    const count = large.chats.reduce((sum, it) => sum + it.store.size, 0);
    expect(count).toBeGreaterThan(4_800);
    expect(count).toBeLessThan(5_300);
    const carried = new Map<unknown, number>();
    for (const chat of large.chats)
      for (const message of chat.messages)
        for (const { media, carried: own } of mediaOf(message))
          if (own) carried.set(media, media.sizeOf(media.mainSize) ?? 0);
    expect(carried.size).toBeGreaterThan(570);
    expect(carried.size).toBeLessThan(640);
    const bytes = [...carried.values()].reduce((sum, it) => sum + it, 0);
    expect(bytes / 2 ** 20).toBeGreaterThan(180);
    expect(bytes / 2 ** 20).toBeLessThan(220);
  });

  test('can be pleasant, and can hold a file of more than 2 GiB', () => {
    const demo = generateWorld({ seed: 'demo', pleasant: true, large: true });
    const documents = [...demo.documents.values()];
    expect(documents.some((it) => it.name?.includes('..'))).toBe(false);
    expect(demo.chats.some((it) => /[<\u0000\u202e]/.test(it.title) && it.listed)).toBe(false);
    const large = documents.filter((it) => it.size > 2 ** 31);
    expect(large).toHaveLength(1);
    expect(large.map((it) => fileBytes(it, 2 ** 31, 2 ** 20).length)).toEqual([12_345]);
  });

  test('does not transmit a field that the layer does not know', () => {
    const typo = new World();
    const chat = typo.addChannel({ title: 'Typo' });
    chat.addMessage({ fields: { ttl_perod: 5 } });
    const read = (): unknown => directClient(typo)('messages.getHistory', { ...page, peer: inputPeer(typo, chat.id) });
    expect(read).toThrow('ttl_perod');
  });

  test('of a million messages stores ids only', () => {
    const million = generateWorld({ seed: 'm', messages: 1_000_000 });
    const cats = million.chat('Cat Pictures');
    expect(cats.store.size).toBeGreaterThan(300_000);
    let before = cats.store.at(0);
    for (let index = 1; index < 3_000; index += 1) {
      const message = cats.store.at(index);
      expect(message.id).toBeGreaterThan(before.id);
      expect(message.date).toBeGreaterThanOrEqual(before.date);
      before = message;
    }
    expect(cats.store.get(before.id)).toEqual(before);
  });
});
