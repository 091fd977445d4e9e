/** Whatever bytes arrive: everything before the unknown part is kept, nothing is thrown, and later reads are right. */
import { createRequire } from 'node:module';
import bigInt from 'big-integer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Api } from './gramjs.js';
import { toRaw } from '../map/raw.js';
import { isCut, LenientReader } from './lenient-reader.js';

const peerId = new Api.PeerChannel({ channelId: bigInt(7) });
const entities = [
  new Api.MessageEntityBold({ offset: 0, length: 2 }),
  new Api.MessageEntityCode({ offset: 3, length: 1 }),
];
const message = (id: number) =>
  new Api.Message({ id, peerId, date: 1_700_000_000 + id, message: `no. ${id}`, entities });
// `topics` belongs to a layer that the types do not know.
const parts = {
  topics: [],
  messages: [1, 2, 3].map(message),
  chats: [],
  users: [new Api.User({ id: bigInt(5), firstName: 'Ann' })],
};
const answer = new Api.messages.Messages(parts);
const bytes = answer.getBytes();
const read = (from: Buffer) => {
  const reader = new LenientReader(from);
  return { reader, read: reader.tgReadObject() as Api.messages.Messages };
};

test('GramJS uses it for everything it reads', () => {
  const { BinaryReader } = createRequire(import.meta.url)('telegram/extensions/index.js') as { BinaryReader: unknown };
  expect(BinaryReader).toBe(LenientReader);
});

test('known constructors are read as usual', () => {
  const { reader, read: whole } = read(bytes);
  expect(reader.unread).toBeUndefined();
  expect(toRaw(whole)).toEqual(toRaw(answer));
  expect(isCut(whole)).toBe(false);
});

test('everything before an unknown constructor is kept, everything after it is null, and its bytes are kept', () => {
  const at = bytes.indexOf(entities[0]!.getBytes(), bytes.indexOf(entities[0]!.getBytes()) + 1);
  const corrupted = Buffer.from(bytes);
  corrupted.writeUInt32LE(0xdeadbeef, at);
  const { reader, read: part } = read(corrupted);
  expect(reader.unread!.constructorId).toBe('deadbeef');
  expect(
    reader.unread!.bytes.equals(corrupted.subarray(corrupted.indexOf(message(2).getBytes().subarray(0, 20)))),
  ).toBe(true);
  const [first, second, third] = part.messages as (Api.Message | null)[];
  expect([isCut(first), isCut(second), third]).toEqual([false, true, null]);
  expect([second!.id, second!.message, second!.views]).toEqual([2, 'no. 2', null]);
  expect([part.chats, part.users]).toEqual([[], []]);
});

test('a message without an id is none', () => {
  const corrupted = Buffer.from(bytes);
  corrupted.writeInt32LE(0, corrupted.indexOf(message(2).getBytes()) + 12); // after its own id and two fields of flags
  const { reader, read: part } = read(corrupted);
  expect(reader.unread).toBeDefined();
  expect(part.messages.map((it) => it instanceof Api.Message)).toEqual([true, false, false]);
});

test('anything but a vector where one should begin is not read as one', () => {
  const corrupted = Buffer.from(bytes);
  const at = corrupted.indexOf(entities[0]!.getBytes()) - 8;
  corrupted.writeUInt32LE(7, at); // instead of its id
  corrupted.writeUInt32LE(1_000_000, at + 4);
  const { reader, read: part } = read(corrupted);
  expect(reader.unread).toBeDefined();
  expect(part.messages.slice(1)).toEqual([null, null]);
  expect((part.messages[0] as Api.Message).entities).toEqual([]);
  expect(read(bytes).read.messages).toHaveLength(3);
});

test('nor is a vector without an id', () => {
  const rule = new Api.AccessPointRule({ phonePrefixRules: '', dcId: 2, ips: [] });
  const config = new Api.help.ConfigSimple({ date: 1, expires: 2, rules: [rule] }).getBytes();
  expect(read(config).read).toMatchObject({ rules: [{ dcId: 2, ips: [] }] });
  config.writeUInt32LE(1_000_000, 12); // after its own id, date and expires
  const { reader, read: part } = read(config);
  expect(reader.unread).toBeDefined();
  expect(part).toMatchObject({ expires: 2, rules: [] });
});

test('damaged and truncated answers throw nothing, and later answers are read correctly', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
      const corrupted = Buffer.from(bytes.subarray(0, length));
      if (at < length) corrupted[at] = value;
      read(corrupted);
      expect(toRaw(read(bytes).read)).toEqual(toRaw(answer));
    }),
  );
});
