/**
 * writer.ts: encodes TL objects by a schema, so that one world serves clients of several layers.
 * Fields that a layer lacks are dropped; a missing mandatory field, a wrong type or an unknown constructor is a {@link TlError}.
 * An object named by its constructor id (by-id.ts) is written as it is, whatever the type.
 */
import { idAndBytes } from './by-id.js';
import { TlError, located } from './error.js';
import { FALSE, TRUE, VECTOR, resultName } from './reader.js';
import type { Definition, Schema, TlType } from './schema.js';
import type { TlObject } from './value.js';

/** A growing buffer of TL. */
export class TlWriter {
  #buffer: Buffer;
  #at: number;

  /** @param reserve bytes left free at the start, for headers that are written afterwards. */
  constructor(
    readonly reserve = 0,
    capacity = 1024,
  ) {
    this.#buffer = Buffer.allocUnsafe(reserve + capacity);
    this.#at = reserve;
  }

  /** Bytes written after the reserved ones. */
  get length(): number {
    return this.#at - this.reserve;
  }

  /** The bytes written, without the reserved ones. */
  get written(): Buffer {
    return this.#buffer.subarray(this.reserve, this.#at);
  }

  /** The reserved bytes, the bytes written, and at least `tail` free bytes. */
  withTail(tail: number): Buffer {
    this.#room(tail);
    this.#at -= tail;
    return this.#buffer;
  }

  #room(size: number): number {
    const at = this.#at;
    const needed = at + size;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed + 64, Math.min(this.#buffer.length * 2, needed + (1 << 20))));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#at = needed;
    return at;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  int(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeInt32LE(value, at);
    return this;
  }

  id(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeUInt32LE(value, at);
    return this;
  }

  long(value: bigint): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64LE(BigInt.asIntN(64, value), at);
    return this;
  }

  double(value: number): this {
    const at = this.#room(8);
    this.#buffer.writeDoubleLE(value, at);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const header = bytes.length < 254 ? 1 : 4;
    const padding = (4 - ((header + bytes.length) % 4)) % 4;
    const at = this.#room(header + bytes.length + padding);
    if (header === 1) this.#buffer[at] = bytes.length;
    else this.#buffer.writeUInt32LE(((bytes.length << 8) | 254) >>> 0, at);
    this.#buffer.set(bytes, at + header);
    this.#buffer.fill(0, this.#at - padding, this.#at);
    return this;
  }

  /** A value of this type, as value.ts describes it. */
  value(schema: Schema, type: TlType, value: unknown): this {
    switch (type.kind) {
      case '#':
      case 'int':
        if (typeof value !== 'number' || !Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff)
          throw wrong(type.kind, value);
        return this.int(value | 0);
      case 'long':
        if (typeof value !== 'bigint') throw wrong('long', value);
        return this.long(value);
      case 'double':
        if (typeof value !== 'number') throw wrong('double', value);
        return this.double(value);
      case 'int128':
      case 'int256':
        if (!(value instanceof Uint8Array) || value.length !== (type.kind === 'int128' ? 16 : 32))
          throw wrong(type.kind, value);
        return this.raw(value);
      case 'bytes':
        if (!(value instanceof Uint8Array)) throw wrong('bytes', value);
        return this.bytes(value);
      case 'string':
        if (typeof value === 'string') return this.bytes(Buffer.from(value, 'utf8'));
        if (!(value instanceof Uint8Array)) throw wrong('string', value);
        return this.bytes(value);
      case 'Bool':
        if (typeof value !== 'boolean') throw wrong('Bool', value);
        return this.id(value ? TRUE : FALSE);
      case 'true':
        return this;
      case 'vector':
        return this.#vector(schema, type.item, type.boxed, value);
      case 'bare':
        return this.#fields(schema, this.#definition(schema, value, type.name), value as TlObject);
      case 'boxed': {
        if (this.#byId(value)) return this;
        const definition = this.#definition(schema, value);
        if (resultName(definition) !== type.name) throw new TlError(`${definition.name} is not a ${type.name}`);
        return this.id(definition.id).#fields(schema, definition, value as TlObject);
      }
      case 'any':
        return this.object(schema, value as TlObject);
    }
  }

  /** A constructor or function, starting with its id. */
  object(schema: Schema, value: TlObject): this {
    if (this.#byId(value)) return this;
    const definition = this.#definition(schema, value);
    return this.id(definition.id).#fields(schema, definition, value);
  }

  #byId(value: unknown): boolean {
    const found = idAndBytes(value);
    if (found) this.id(found.id).raw(found.rest);
    return found !== undefined;
  }

  #definition(schema: Schema, value: unknown, name?: string): Definition {
    const found = (value as TlObject | undefined)?._;
    if (typeof found !== 'string' || (name !== undefined && found !== name)) throw wrong(name ?? 'object', value);
    const definition = schema.constructors.get(found) ?? schema.functions.get(found);
    if (!definition) throw new TlError(`unknown constructor ${found}`);
    return definition;
  }

  #vector(schema: Schema, item: TlType, boxed: boolean, value: unknown): this {
    if (!Array.isArray(value)) throw wrong('vector', value);
    if (boxed) this.id(VECTOR);
    this.int(value.length);
    for (let index = 0; index < value.length; index++) {
      try {
        this.value(schema, item, value[index]);
      } catch (error) {
        throw located(error, `[${index}]`);
      }
    }
    return this;
  }

  #fields(schema: Schema, definition: Definition, value: TlObject): this {
    for (const { name, type, flag } of definition.params) {
      const field = value[name];
      if (flag && !present(type, field)) continue;
      try {
        if (type.kind === '#') this.id(flagsOf(definition, name, value));
        else if (field === undefined) throw new TlError('missing');
        else this.value(schema, type, field);
      } catch (error) {
        throw located(error, `${definition.name}.${name}`);
      }
    }
    return this;
  }
}

function present(type: TlType, field: unknown): boolean {
  if (type.kind !== 'true') return field !== undefined;
  if (field !== undefined && typeof field !== 'boolean') throw wrong('true', field);
  return field === true;
}

/** The bits of one flags field, from the optional fields present. Fields that share a bit must be present together or not at all. */
function flagsOf(definition: Definition, field: string, value: TlObject): number {
  let bits = 0;
  let absent = 0;
  for (const { name, type, flag } of definition.params) {
    if (flag?.field !== field) continue;
    if (present(type, value[name])) bits |= 1 << flag.bit;
    else if (type.kind !== 'true') absent |= 1 << flag.bit;
  }
  if (bits & absent)
    throw new TlError(`fields that share bit ${31 - Math.clz32(bits & absent)} of ${field} are not all present`);
  return bits >>> 0;
}

function wrong(wanted: string, value: unknown): TlError {
  const shown = typeof value === 'object' && value !== null ? nameOf(value) : String(value);
  return new TlError(`${wanted} wanted, ${typeof value} found (${shown.slice(0, 60)})`);
}

function nameOf(value: object): string {
  return '_' in value ? String(value._) : 'an object';
}
