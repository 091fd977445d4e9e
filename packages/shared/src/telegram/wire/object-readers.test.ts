/** Every constructor of the schema is read as GramJS's own reader reads it, whatever its fields are. */
import bigInt from 'big-integer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BinaryReader, coreObjects, tlobjects } from './gramjs.js';
import { type Argument, type Definition, definitions } from './layer.js';
import { LenientReader } from './lenient-reader.js';

const StockReader = Object.getPrototypeOf(LenientReader) as typeof BinaryReader;

/** Fields that GramJS's client adds to messages. */
const ofItsClient: ReadonlySet<string> = new Set(['Message', 'MessageService', 'MessageEmpty']);

const int = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
};

function ofLength(bytes: Buffer): Buffer {
  const head = bytes.length < 254 ? Buffer.from([bytes.length]) : int((bytes.length << 8) | 254);
  return Buffer.concat([head, bytes, Buffer.alloc(-(head.length + bytes.length) & 3)]);
}

/** Random numbers below a limit. */
type Pick = (below: number) => number;

/** A small generator (mulberry32), as thousands of numbers are needed for each of thousands of constructors. */
function picking(seed: number): Pick {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const constructors = [...definitions.values()];
const randomBytes = (pick: Pick, length: number) => Buffer.from(Array.from({ length }, () => pick(256)));

/** GramJS cannot read these, with this reader or the other. */
const isReadable = ({ argsConfig }: Definition) =>
  Object.values(argsConfig).every(
    (it) => it.flagIndicator || !it.skipConstructorId || Object.hasOwn(primitives, it.type!),
  );

const primitives: Record<string, (pick: Pick) => Buffer> = {
  int: (pick) => int(pick(2 ** 31) - pick(2 ** 31)),
  long: (pick) => randomBytes(pick, 8),
  int128: (pick) => randomBytes(pick, 16),
  int256: (pick) => randomBytes(pick, 32),
  double: (pick) => randomBytes(pick, 8),
  string: (pick) => ofLength(pick(2) ? Buffer.from('Zoë 🐈'.repeat(pick(60))) : randomBytes(pick, pick(300))),
  Bool: (pick) => int(pick(2) ? 0x997275b5 : 0xbc799737),
  true: () => Buffer.alloc(0),
  bytes: (pick) => ofLength(randomBytes(pick, pick(300))),
  date: (pick) => int(pick(2 ** 31)),
};

const declared = (it: Definition) => it as Definition & { result: string; isFunction: boolean };
const typeOf = (it: Definition) => declared(it).result;

const readable = constructors.filter(isReadable);
/** Objects that fields may hold; those that can end without containing their own type come first. */
const objects = byHeight(readable.filter((it) => !declared(it).isFunction));
const byType = new Map(objects.map((it) => [typeOf(it), objects.filter((one) => typeOf(one) === typeOf(it))]));

function byHeight(all: Definition[]): Definition[] {
  const ended = new Set(Object.keys(primitives));
  const types = new Set(all.map(typeOf));
  const sorted: Definition[] = [];
  for (let rest = all; rest.length > 0;) {
    const ends = (it: Definition) =>
      Object.values(it.argsConfig).every(
        (one) => one.flagIndicator || one.isFlag || one.isVector || ended.has(one.type!) || !types.has(one.type!),
      );
    const next = rest.filter(ends);
    if (next.length === 0) return [...sorted, ...rest];
    for (const it of next) ended.add(typeOf(it));
    sorted.push(...next);
    rest = rest.filter((it) => !next.includes(it));
  }
  return sorted;
}

function bytesOf(definition: Definition, pick: Pick, depth: number): Buffer {
  const flags = new Map<string, number>();
  const item = ({ type }: Argument): Buffer => {
    const primitive = primitives[type!];
    if (primitive) return primitive(pick);
    const choice = byType.get(type!) ?? objects;
    return bytesOf(depth > 0 ? choice[pick(choice.length)]! : choice[0]!, pick, depth - 1);
  };
  const fields = Object.entries(definition.argsConfig).map(([name, argument]) => {
    if (argument.flagIndicator) {
      flags.set(name, depth > 0 ? pick(2 ** 31) & pick(2 ** 31) : 0);
      return int(flags.get(name)!);
    }
    if (argument.isFlag && !((flags.get(argument.flagName!) ?? 0) & (1 << argument.flagIndex))) return Buffer.alloc(0);
    if (!argument.isVector) return name === 'id' && argument.type === 'int' ? int(1 + pick(1000)) : item(argument);
    const count = depth > 0 ? pick(3) : 0;
    const items = Array.from({ length: count }, () => item(argument));
    return Buffer.concat([...(argument.useVectorId ? [int(0x1cb5c415)] : []), int(count), ...items]);
  });
  return Buffer.concat([int(definition.constructorId), ...fields]);
}

interface TlObject {
  className: string;
  originalArgs: Record<string, unknown>;
}

const isTl = (it: object): it is TlObject => 'originalArgs' in it;

/** Fails unless `ours` is exactly `theirs`. */
function expectSame(ours: unknown, theirs: unknown): void {
  if (typeof theirs !== 'object' || theirs === null || Buffer.isBuffer(theirs) || theirs instanceof Date) {
    expect(ours).toEqual(theirs);
  } else if (Array.isArray(theirs)) {
    expect(ours).toHaveLength(theirs.length);
    for (const [index, it] of theirs.entries()) expectSame((ours as unknown[])[index], it);
  } else {
    expect(Object.getPrototypeOf(ours)).toBe(Object.getPrototypeOf(theirs));
    if (isTl(theirs)) expectSameObject(ours as TlObject, theirs);
    else expect([bigInt.isInstance(ours), ours]).toEqual([true, theirs]);
  }
}

function expectSameObject(ours: TlObject, theirs: TlObject): void {
  const names = Object.keys(theirs.originalArgs);
  expect(Object.keys(ours.originalArgs)).toEqual(names);
  const isOfItsClient = ofItsClient.has(theirs.className);
  const keys = Object.keys(ours);
  if (isOfItsClient) expect(Object.keys(theirs)).toEqual(expect.arrayContaining(keys));
  else expect(keys).toEqual(Object.keys(theirs));
  for (const name of names) expectSame(ours.originalArgs[name], theirs.originalArgs[name]);
  for (const name of keys.filter((it) => it !== 'originalArgs')) {
    const isRandom = name === 'randomId' && !theirs.originalArgs[name]; // each has its own
    if (!isRandom) {
      const [own, their] = [ours, theirs].map((it) => (it as unknown as Record<string, unknown>)[name]);
      if (names.includes(name)) expect(own).toBe(ours.originalArgs[name]);
      else expect(own).toEqual(their);
    }
  }
}

test('every class of GramJS has a definition of its own', () => {
  const ids = Object.entries(tlobjects).map(
    ([id, it]) => [Number(id), (it as { className: string }).className] as const,
  );
  expect(ids.length).toBeGreaterThan(2000);
  const missing = ids.filter(([id]) => !definitions.has(id) && !coreObjects.has(id));
  expect(missing).toEqual([]);
});

test('every constructor is read as GramJS reads it', () => {
  for (const definition of readable) {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const bytes = bytesOf(definition, picking(seed), 2);
        const reader = new LenientReader(bytes);
        const ours = reader.tgReadObject() as unknown;
        const stock = new StockReader(bytes);
        expectSame(ours, stock.tgReadObject());
        expect([reader.unread, reader.offset]).toEqual([undefined, stock.offset]);
      }),
      { numRuns: 4 },
    );
  }
});
