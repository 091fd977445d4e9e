/** TL objects as JSON that Postgres accepts, with every digit and byte. */
import bigInt from 'big-integer';
import { expect, test } from 'vitest';
import { Api, BinaryReader } from '../wire/gramjs.js';
import { toRaw } from './raw.js';

test('constructors are named; longs are strings, bytes base64; absent and false fields are left out', () => {
  const document = new Api.Document({
    id: bigInt('9223372036854775807'),
    accessHash: bigInt('-9223372036854775808'),
    fileReference: Buffer.from([0, 255, 128]),
    date: 1,
    mimeType: 'a/b',
    size: bigInt(2).pow(40),
    dcId: 4,
    attributes: [new Api.DocumentAttributeFilename({ fileName: 'x\0\uD800' })],
  });
  expect(toRaw(document)).toEqual({
    _: 'Document',
    id: '9223372036854775807',
    accessHash: '-9223372036854775808',
    fileReference: { $bytes: 'AP+A' },
    date: 1,
    mimeType: 'a/b',
    size: '1099511627776',
    dcId: 4,
    attributes: [{ _: 'DocumentAttributeFilename', fileName: 'x\uFFFD\uFFFD' }],
  });
});

test('flags appear as the fields they stand for', () => {
  const message = new Api.Message({
    id: 7,
    peerId: new Api.PeerUser({ userId: bigInt(5) }),
    date: 0,
    message: '',
    out: true,
    silent: false,
  });
  expect(toRaw(message)).toEqual({
    _: 'Message',
    id: 7,
    peerId: { _: 'PeerUser', userId: '5' },
    date: 0,
    message: '',
    out: true,
  });
});

test('what came over the wire looks like what was made here', () => {
  const sent = new Api.Message({
    id: 7,
    peerId: new Api.PeerChannel({ channelId: bigInt('9007199254740993') }),
    date: 1_700_000_000,
    message: 'héllo',
    out: true,
    groupedId: bigInt('-9007199254740993'),
    entities: [new Api.MessageEntityBold({ offset: 0, length: 1 })],
    media: new Api.MessageMediaGeo({ geo: new Api.GeoPoint({ long: 1.5, lat: -2.25, accessHash: bigInt(3) }) }),
  });
  const read: unknown = new BinaryReader(sent.getBytes()).tgReadObject();
  expect(read).not.toBe(sent);
  expect(toRaw(read)).toEqual(toRaw(sent));
});

test.each([
  ['a text of a stranger', 'a\0\uDFFFb', 'a\uFFFD\uFFFDb'],
  ['no number', Number.NaN, null],
  ['an endless number', Number.POSITIVE_INFINITY, null],
  ['a small number', 0.5, 0.5],
  ['yes', true, true],
  ['nothing', null, null],
  ['an empty list', [], []],
  ['lists of lists', [[bigInt(1)], ['x']], [['1'], ['x']]],
])('%s', (_what, value, raw) => {
  expect(toRaw(value)).toEqual(raw);
});
