import { expect, test } from 'vitest';
import { TlReader } from './reader.js';
import { Schema } from './schema.js';
import type { TlObject } from './value.js';
import { TlWriter } from './writer.js';

const schema = new Schema(`
point#11111111 x:int y:double = Point;
note#22222222 flags:# silent:flags.0?true pinned:flags.3?Bool flags2:# text:string at:flags.1?Point tags:flags2.0?Vector<string> = Note;
bag#33333333 id:long key:int128 raw:bytes notes:Vector<Note> bare:vector<point> = Bag;
---functions---
put#44444444 {X:Type} note:Note query:!X = X;
get#55555555 = Vector<Note>;
`);

const wire = (object: TlObject, by = schema): Buffer => new TlWriter().object(by, object).written;
const back = (object: TlObject): TlObject => new TlReader(wire(object)).object(schema);

const note = (rest: object = {}): TlObject => ({ _: 'note', text: 'hi', ...rest });
const key = Buffer.alloc(16, 7);
const bag = (rest: object = {}): TlObject => ({
  _: 'bag',
  id: -(2n ** 63n),
  key,
  raw: Buffer.from('raw'),
  notes: [note()],
  bare: [{ _: 'point', x: -1, y: 0.5 }],
  ...rest,
});

test('every kind of value survives a round trip', () => {
  expect(back(bag())).toEqual(bag());
  const full = note({ silent: true, pinned: false, at: { _: 'point', x: 1, y: 2 }, tags: ['a', ''] });
  expect(back(full)).toEqual(full);
  expect(back({ _: 'put', note: note(), query: { _: 'get' } })).toEqual({
    _: 'put',
    note: note(),
    query: { _: 'get' },
  });
});

test('flags follow from the fields present', () => {
  expect(wire(note()).readUInt32LE(4)).toBe(0);
  expect(wire(note({ silent: true, at: { _: 'point', x: 1, y: 2 } })).readUInt32LE(4)).toBe(3);
  expect(wire(note({ silent: false, pinned: false })).readUInt32LE(4)).toBe(8);
});

test.each([0, 1, 253, 254, 255, 300, 70_000])('a string of %i bytes is padded to words', (length) => {
  const bytes = wire(note({ text: 'x'.repeat(length) }));
  expect(bytes.length % 4).toBe(0);
  expect(new TlReader(bytes).object(schema)['text']).toBe('x'.repeat(length));
});

test('a string may be raw bytes that are not valid text', () => {
  const bytes = wire(note({ text: Buffer.from([0xff, 0xfe]) }));
  expect(bytes.subarray(12, 16)).toEqual(Buffer.from([2, 0xff, 0xfe, 0]));
});

test('a field that the layer lacks is dropped', () => {
  const older = new Schema('note#22222222 flags:# silent:flags.0?true text:string = Note;');
  expect(new TlReader(wire(note({ tags: ['new'] }), older)).object(older)).toEqual(note());
});

test.each<[string, TlObject, string]>([
  ['a missing field', { _: 'note' }, 'note.text: missing'],
  ['a number for a long', bag({ id: 5 }), 'bag.id: long wanted, number found (5)'],
  ['a fraction for an int', { _: 'point', x: 0.5, y: 1 }, 'point.x: int wanted, number found (0.5)'],
  ['a short int128', bag({ key: Buffer.alloc(3) }), 'bag.key: int128 wanted'],
  ['null for an absent flag', note({ at: null }), 'note.at: object wanted'],
  ['a number for a bare flag', note({ silent: 1 }), 'true wanted'],
  ['another type', bag({ notes: [{ _: 'point', x: 1, y: 1 }] }), 'bag.notes › [0]: point is not a Note'],
  [
    'an unknown constructor',
    bag({ notes: [note(), { _: 'nothing' }] }),
    'bag.notes › [1]: unknown constructor nothing',
  ],
])('%s is an error with its path', (_, object, problem) => {
  expect(() => wire(object)).toThrow(problem);
});

test.each<[string, Buffer, string]>([
  ['an unknown id', Buffer.from('efbeadde', 'hex'), 'unknown constructor 0xdeadbeef'],
  ['a cut end', wire(bag()).subarray(0, -8), 'bytes wanted'],
  [
    'a vector longer than the rest',
    Buffer.from('333333330000000000000000'.padEnd(64, '0') + '15c4b51cffffff7f', 'hex'),
    'a vector of',
  ],
])('reading %s is an error', (_, bytes, problem) => {
  expect(() => new TlReader(bytes).object(schema)).toThrow(problem);
});
