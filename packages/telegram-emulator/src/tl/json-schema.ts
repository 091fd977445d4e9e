/**
 * json-schema.ts: turns a layer that a package ships as JSON back into the TL text it was made from.
 */

interface Modifiers {
  readonly isVector?: boolean;
  /** A bit of a flags field, such as `flags.3`. */
  readonly predicate?: string;
}

interface Entry {
  readonly kind: 'class' | 'method';
  readonly name: string;
  readonly id: number;
  readonly type: string;
  readonly typeModifiers?: Modifiers;
  readonly arguments: readonly {
    readonly name: string;
    readonly type: string;
    readonly typeModifiers?: Modifiers;
  }[];
}

/** The file's layer number and its entries. */
export interface JsonSchema {
  readonly l: number;
  readonly e: readonly Entry[];
}

function typeText(type: string, { isVector, predicate }: Modifiers = {}): string {
  // A long that the package guarantees to fit a double.
  const plain = type === 'int53' ? 'long' : type;
  return `${predicate === undefined ? '' : `${predicate}?`}${isVector ? `Vector<${plain}>` : plain}`;
}

function lineOf({ name, id, type, typeModifiers, arguments: fields }: Entry): string {
  const params = fields.map((it) => `${it.name}:${typeText(it.type, it.typeModifiers)}`);
  return `${[`${name}#${id.toString(16)}`, ...params].join(' ')} = ${typeText(type, typeModifiers)};`;
}

/** The TL text. */
export function textOfJson({ e }: JsonSchema): string {
  const [types, functions] = [e.filter((it) => it.kind === 'class'), e.filter((it) => it.kind === 'method')];
  return [...types.map(lineOf), '---functions---', ...functions.map(lineOf)].join('\n');
}
