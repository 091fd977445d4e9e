/**
 * object-readers.ts: reads the objects of the layer. GramJS interprets the definition of a constructor again for each object, field by
 * field, which was most of the cost of a page of history. Here a definition is turned into JavaScript once, when its constructor is first
 * met. What comes out is what GramJS makes: the same class, the same fields in the same order (a test compares the whole schema).
 */
import { coreObjects, tlobjects } from './gramjs.js';
import type { Readable } from './readable.js';
import { type Argument, type Definition, definitions } from './layer.js';

/** Reads an object whose constructor id has been read. */
export type ObjectReader = (reader: Readable) => unknown;

type Made = new (args: object) => object;

interface TlClass {
  new (args: object): object;
  prototype: object;
  CONSTRUCTOR_ID: number;
  SUBCLASS_OF_ID: number;
  className: string;
  classType: string;
}

interface CoreClass {
  fromReader: ObjectReader;
}

/** GramJS adds fields of its own client to these, which nothing here uses. Without an id it refuses them, and so do we. */
const needId: ReadonlySet<string> = new Set(['Message', 'MessageService', 'MessageEmpty']);

export const vectorId = 0x1cb5c415;

const readers = new Map<number, ObjectReader>([
  [0x997275b5, () => true],
  [0xbc799737, () => false],
  [vectorId, (reader) => reader.objects()],
  ...[...coreObjects].map(
    ([id, it]) => [id, (reader: Readable) => (it as unknown as CoreClass).fromReader(reader)] as const,
  ),
]);

/** The reader of a constructor; undefined if neither the layer nor MTProto has it. */
export function readerOf(id: number): ObjectReader | undefined {
  const known = readers.get(id);
  if (known) return known;
  const made = Object.hasOwn(tlobjects, id) ? (tlobjects[id] as unknown as TlClass) : undefined;
  const definition = definitions.get(id);
  if (!made || !definition) return undefined;
  const reader = compiled(made, definition);
  readers.set(id, reader);
  return reader;
}

function compiled(made: TlClass, { argsConfig }: Definition): ObjectReader {
  const names = Object.keys(argsConfig);
  const variables = new Map<string, string>();
  const lines = names.map((name, index) => {
    const value = valueOf(argsConfig[name]!, variables);
    variables.set(name, `v${index}`);
    return `const v${index} = ${value};`;
  });
  const id = needId.has(made.className) ? "if (!v.id) throw new RangeError('no id');" : '';
  const fields = names.map((name) => `${JSON.stringify(name)}: ${variables.get(name)}`);
  // The text comes from our own schema alone. Names that JavaScript could take for something else do not exist in it.
  const body = `return (reader) => { ${lines.join('\n')} const v = { ${fields.join(', ')} }; ${id} return new Made(v); }`;
  // oxlint-disable-next-line no-implied-eval, no-new-func -- see above
  return (new Function('Made', body) as (made: Made) => ObjectReader)(makerOf(made, names));
}

/** Like the class itself, whose constructor copies field by field as well. */
function makerOf(made: TlClass, names: readonly string[]): Made {
  if (names.includes('randomId')) return made; // has a value of its own if it is absent
  const { CONSTRUCTOR_ID, SUBCLASS_OF_ID, className, classType } = made;
  const common = Object.entries({ CONSTRUCTOR_ID, SUBCLASS_OF_ID, className, classType });
  const lines = [
    ...common.map(([name, value]) => `this.${name} = ${JSON.stringify(value)};`),
    'this.originalArgs = v;',
    ...names.map((name) => `this[${JSON.stringify(name)}] = v[${JSON.stringify(name)}];`),
  ];
  // oxlint-disable-next-line no-implied-eval, no-new-func -- as above
  const maker = new Function('v', lines.join('\n')) as unknown as Made;
  maker.prototype = made.prototype;
  return maker;
}

/** The expression that reads a field; `variables` hold those before it. */
function valueOf(argument: Argument, variables: ReadonlyMap<string, string>): string {
  const { isFlag, flagName, flagIndex, type } = argument;
  if (!isFlag) return presentValueOf(argument);
  const isSet = `(${variables.get(flagName!)} & ${1 << flagIndex}) !== 0`;
  return type === 'true' ? isSet : `${isSet} ? ${presentValueOf(argument)} : null`;
}

function presentValueOf({ isVector, useVectorId, flagIndicator, type, skipConstructorId }: Argument): string {
  if (isVector) {
    const item = itemOf(type!, skipConstructorId);
    return `reader.vector(${Boolean(useVectorId)}, (reader) => ${item})`;
  }
  return flagIndicator ? 'reader.int()' : itemOf(type!, skipConstructorId);
}

const primitives: Readonly<Record<string, string>> = {
  int: 'reader.int()',
  long: 'reader.readLong()',
  int128: 'reader.readLargeInt(128)',
  int256: 'reader.readLargeInt(256)',
  double: 'reader.readDouble()',
  string: 'reader.tgReadString()',
  Bool: 'reader.tgReadBool()',
  true: 'true',
  bytes: 'reader.tgReadBytes()',
  date: 'reader.tgReadDate()',
};

function itemOf(type: string, isBare: boolean): string {
  // GramJS cannot read bare types at all; the object counts as unreadable.
  return primitives[type] ?? (isBare ? 'reader.unreadable()' : 'reader.tgReadObject()');
}
