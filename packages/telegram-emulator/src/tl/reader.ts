/**
 * reader.ts: decodes TL from bytes, by a schema.
 * Client input is not trusted: every length is checked, and an unknown constructor is a {@link TlError}.
 */
import { TlError, located } from './error.js';
import type { Definition, Schema, TlType } from './schema.js';
import type { TlObject } from './value.js';

/** The constructor id of a boxed vector. */
export const VECTOR = 0x1cb5c415;
/** The constructor ids of Bool. */
export const TRUE = 0x997275b5;
export const FALSE = 0xbc799737;

/** Reads TL bytes from start to end. */
export class TlReader {
  #at = 0;
  readonly #bytes: Buffer;

  /** @param rawStrings decode `string` to bytes: the key exchange declares its big numbers as strings. */
  constructor(
    bytes: Buffer,
    private readonly rawStrings = false,
  ) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Buffer {
    if (length < 0 || length > this.left) throw new TlError(`${length} bytes wanted, ${this.left} left`);
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }

  int(): number {
    return this.take(4).readInt32LE(0);
  }

  /** A constructor id. */
  id(): number {
    return this.take(4).readUInt32LE(0);
  }

  long(): bigint {
    return this.take(8).readBigInt64LE(0);
  }

  bytes(): Buffer {
    let length = this.take(1)[0]!;
    let header = 1;
    if (length === 254) {
      length = this.take(3).readUIntLE(0, 3);
      header = 4;
    } else if (length === 255) throw new TlError('a byte string that begins with 255');
    const value = this.take(length);
    this.take((4 - ((header + length) % 4)) % 4);
    return value;
  }

  /** A value of this type, as value.ts describes it. */
  value(schema: Schema, type: TlType): unknown {
    switch (type.kind) {
      case '#':
        return this.id();
      case 'int':
        return this.int();
      case 'long':
        return this.long();
      case 'double':
        return this.take(8).readDoubleLE(0);
      case 'int128':
        return Buffer.from(this.take(16));
      case 'int256':
        return Buffer.from(this.take(32));
      case 'bytes':
        return Buffer.from(this.bytes());
      case 'string':
        return this.rawStrings ? Buffer.from(this.bytes()) : this.bytes().toString('utf8');
      case 'Bool': {
        const id = this.id();
        if (id !== TRUE && id !== FALSE) throw new TlError(`0x${id.toString(16)} is not a Bool`);
        return id === TRUE;
      }
      case 'true':
        return true;
      case 'vector': {
        if (type.boxed && this.id() !== VECTOR) throw new TlError('no vector');
        const length = this.int();
        if (length < 0 || length > this.left) throw new TlError(`a vector of ${length}`);
        return Array.from({ length }, (_, index) => this.#item(schema, type.item, index));
      }
      case 'bare': {
        const definition = schema.constructors.get(type.name);
        if (!definition) throw new TlError(`no constructor ${type.name}`);
        return this.fields(schema, definition);
      }
      case 'boxed':
      case 'any':
        return this.object(schema, type);
    }
  }

  #item(schema: Schema, type: TlType, index: number): unknown {
    try {
      return this.value(schema, type);
    } catch (error) {
      throw located(error, `[${index}]`);
    }
  }

  /** An object that starts with its constructor id; a function, too, if the type is `any`. */
  object(schema: Schema, type: TlType = { kind: 'any' }): TlObject {
    const id = this.id();
    const definition = schema.byId.get(id);
    if (!definition) throw new TlError(`unknown constructor 0x${id.toString(16)}`);
    if (type.kind === 'boxed' && (definition.isFunction || resultName(definition) !== type.name))
      throw new TlError(`${definition.name} is not a ${type.name}`);
    return this.fields(schema, definition);
  }

  /** The fields of a constructor or function whose id has been read. */
  fields(schema: Schema, definition: Definition): TlObject {
    const object: Record<string, unknown> = { _: definition.name };
    const flags: Record<string, number> = {};
    for (const { name, type, flag } of definition.params) {
      if (flag && !(flags[flag.field]! & (1 << flag.bit))) continue;
      try {
        const value = this.value(schema, type);
        if (type.kind === '#') flags[name] = value as number;
        else object[name] = value;
      } catch (error) {
        throw located(error, `${definition.name}.${name}`);
      }
    }
    return object as TlObject;
  }
}

/** The boxed type of a constructor. */
export function resultName(definition: Definition): string | undefined {
  return definition.result.kind === 'boxed' ? definition.result.name : undefined;
}
