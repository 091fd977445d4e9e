/**
 * schema.ts: parses a TL text into constructors and functions, by id and by name.
 * The texts come from client packages at start, so no schema has to be maintained here.
 */

/** The type of a field, of a vector's items, or of a function's result. */
export type TlType =
  | {
      readonly kind:
        'int' | 'long' | 'double' | 'int128' | 'int256' | 'string' | 'bytes' | 'Bool' | 'true' | '#' | 'any';
    }
  | { readonly kind: 'vector'; readonly item: TlType; readonly boxed: boolean }
  | { readonly kind: 'boxed'; readonly name: string }
  | { readonly kind: 'bare'; readonly name: string };

/** A field; one with a flag is on the wire only if that bit of that flags field is set. */
interface Param {
  readonly name: string;
  readonly type: TlType;
  readonly flag: { readonly field: string; readonly bit: number } | undefined;
}

/** One line of a schema. */
export interface Definition {
  readonly id: number;
  readonly name: string;
  readonly params: readonly Param[];
  /** The boxed type that a constructor belongs to, or what a function returns. */
  readonly result: TlType;
  readonly isFunction: boolean;
}

/** A parsed TL text. */
export class Schema {
  readonly byId = new Map<number, Definition>();
  readonly constructors = new Map<string, Definition>();
  readonly functions = new Map<string, Definition>();

  /** @param texts TL texts; `---functions---` and `---types---` switch between the two. */
  constructor(...texts: string[]) {
    for (const text of texts) {
      let isFunction = false;
      for (const line of text.split('\n')) {
        if (line.includes('---functions---')) isFunction = true;
        else if (line.includes('---types---')) isFunction = false;
        else this.#add(line.trim(), isFunction);
      }
    }
  }

  #add(line: string, isFunction: boolean): void {
    // Lines without an id describe other protocols; `vector` itself is built into reader and writer.
    const match = /^([\w.]+)#([0-9a-f]+) (.*?)\s*= ([^;]+);/.exec(line.replace(' =', '  ='));
    if (!match || match[1] === 'vector') return;
    const [, name, id, fields, result] = match as unknown as [string, string, string, string, string];
    const params = fields
      .split(/\s+/)
      .filter((it) => it !== '' && !it.startsWith('{'))
      .map(parseParam);
    const definition = { id: parseInt(id, 16), name, params, result: parseType(result.trim()), isFunction };
    this.byId.set(definition.id, definition);
    (isFunction ? this.functions : this.constructors).set(name, definition);
  }
}

function parseParam(text: string): Param {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const type = text.slice(colon + 1);
  const flag = /^(\w+)\.(\d+)\?(.+)$/.exec(type);
  if (!flag) return { name, type: parseType(type), flag: undefined };
  return { name, type: parseType(flag[3]!), flag: { field: flag[1]!, bit: Number(flag[2]) } };
}

const PRIMITIVES = new Set(['int', 'long', 'double', 'int128', 'int256', 'string', 'bytes', 'Bool', 'true', '#']);

function parseType(text: string): TlType {
  if (PRIMITIVES.has(text)) return { kind: text } as TlType;
  if (text === '!X' || text === 'X' || text === 'Object') return { kind: 'any' };
  const vector = /^([vV])ector<(.+)>$/.exec(text);
  if (vector) return { kind: 'vector', item: parseType(vector[2]!), boxed: vector[1] === 'V' };
  const last = text.slice(text.lastIndexOf('.') + 1);
  return { kind: /^[a-z%]/.test(last) ? 'bare' : 'boxed', name: text.replace('%', '') };
}
