/**
 * lenient-reader.ts: GramJS's TL reader, except that unknown constructors do not stop it. TL has no lengths, so nothing can be read
 * after a constructor that this layer does not have. That part is marked, everything before it is kept, and everything after it is
 * missing (null; lists end or are empty). Nothing is thrown. Objects are read by `object-readers.ts`; what every message has many of
 * (numbers, texts) is read here without GramJS's detours.
 */
import { createRequire } from 'node:module';
import bigInt from 'big-integer';
import { BinaryReader } from './gramjs.js';
import { readerOf, vectorId } from './object-readers.js';
import type { Readable } from './readable.js';

/** Stands in an answer for a part that could not be read. */
export class Unread {
  // Looks like an object to GramJS, of no type that it handles.
  readonly className = 'unread';
  readonly CONSTRUCTOR_ID = 0;
  readonly SUBCLASS_OF_ID = 0;

  constructor(
    /** Eight hexadecimal digits; undefined if the bytes are contradictory or end too early. */
    readonly constructorId: string | undefined,
    /** From the start of the item (a message, for example) that contains it to the end of the answer. */
    readonly bytes: Buffer,
  ) {}

  get originalArgs(): Record<string, unknown> {
    return { constructor: this.constructorId };
  }
}

const cut = new WeakSet<object>();

/** Whether something in it could not be read; everything after that is missing. */
export function isCut(it: unknown): boolean {
  return it instanceof Unread || (typeof it === 'object' && it !== null && cut.has(it));
}

/** Where the first object of a decrypted message begins, and where its length is: salt, session, message id, number, length. */
const messageHead = 32;
const lengthAt = 28;
const nothing = null as never;

/** GramJS's own reader, even if another copy of this module has replaced it with its own. */
function stock(reader: typeof BinaryReader): typeof BinaryReader {
  const base = Object.getPrototypeOf(reader) as typeof BinaryReader;
  return base.prototype ? stock(base) : reader;
}

export class LenientReader extends stock(BinaryReader) implements Readable {
  /** The part that could not be read, if any. */
  unread: Unread | undefined;
  /** Start offsets of the objects being read, the outermost first. */
  private readonly begun: number[] = [];
  private previousInt: number | undefined;
  private view: DataView | undefined;

  override tgReadObject(): never {
    if (this.unread) return nothing;
    if (this.begun.length === 0) this.dropPadding();
    const at = this.offset;
    const read = this.readerAt(at);
    if (!read) return this.stop() as never;
    this.offset = at + 4;
    this.begun.push(at);
    try {
      const object = read(this);
      if (this.unread && typeof object === 'object' && object !== null) cut.add(object);
      return object as never;
    } catch {
      return this.stop() as never; // some definitions require the missing part
    } finally {
      this.begun.pop();
    }
  }

  objects(): unknown[] {
    return this.items(() => this.tgReadObject());
  }

  vector<T>(isBoxed: boolean, item: (reader: this) => T): T[] {
    if (isBoxed && this.int() !== vectorId) this.stop();
    return this.items(item);
  }

  private items<T>(item: (reader: this) => T): T[] {
    const count = this.count();
    const found: T[] = [];
    for (let index = 0; index < count; index++) found.push(item(this));
    return found;
  }

  private count(): number {
    const count = this.int();
    if (this.unread) return 0;
    // Every counted item takes at least four bytes.
    if (count >= 0 && count <= (this.getBuffer().length - this.offset) / 4) return count;
    this.stop();
    return 0;
  }

  unreadable(): never {
    throw new RangeError();
  }

  int(): number {
    const at = this.ahead(4);
    return at < 0 ? nothing : this.bytes.getInt32(at, true);
  }

  /** GramJS reads vectors of numbers that are answers by themselves, and their counts, with this. */
  override readInt(signed = true): number {
    if (this.previousInt === vectorId) {
      this.previousInt = undefined;
      const count = this.count();
      return this.unread ? nothing : count;
    }
    const value = this.int();
    this.previousInt = value;
    return signed || this.unread ? value : value >>> 0;
  }

  override readLong(signed = true): never {
    const at = this.ahead(8);
    if (at < 0) return nothing;
    return bigInt(signed ? this.bytes.getBigInt64(at, true) : this.bytes.getBigUint64(at, true)) as never;
  }

  override tgReadBytes(): Buffer {
    const length = this.lengthOfBytes();
    return length < 0 ? nothing : this.getBuffer().subarray(this.from, this.from + length);
  }

  override tgReadString(): string {
    const length = this.lengthOfBytes();
    return length < 0 ? nothing : this.getBuffer().toString('utf8', this.from, this.from + length);
  }

  private get bytes(): DataView {
    return (this.view ??= viewOf(this.getBuffer()));
  }

  /** Goes over the next bytes and returns where they begin; -1: they are not there. */
  private ahead(length: number): number {
    if (this.unread) return -1;
    const at = this.offset;
    if (at + length > this.getBuffer().length) {
      this.stop();
      return -1;
    }
    this.offset = at + length;
    return at;
  }

  /** Where the bytes begin whose length was last returned. */
  private from = 0;

  /** Goes over bytes with their length and padding; -1: they are not there. */
  private lengthOfBytes(): number {
    if (this.unread) return -1;
    const bytes = this.getBuffer();
    const at = this.offset;
    const first = bytes[at]!;
    const isLong = first === 254;
    const length = isLong ? bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16) : first;
    this.from = at + (isLong ? 4 : 1);
    const end = this.from + length;
    const next = end + ((at - end) & 3);
    if (next <= bytes.length) {
      this.offset = next;
      return length;
    }
    this.offset = bytes.length;
    this.stop();
    return -1;
  }

  override readByte(): number {
    return this.orNothing(() => super.readByte());
  }

  override readLargeInt(bits: number, signed = true): never {
    return this.orNothing(() => super.readLargeInt(bits, signed) as never);
  }

  override readDouble(): number {
    return this.orNothing(() => super.readDouble());
  }

  override tgReadBool(): boolean {
    return this.orNothing(() => super.tgReadBool());
  }

  override tgReadDate(): Date {
    return this.orNothing(() => super.tgReadDate());
  }

  private readerAt(at: number) {
    const bytes = this.getBuffer();
    return at + 4 <= bytes.length ? readerOf(bytes.readUInt32LE(at)) : undefined;
  }

  private stop(): Unread {
    if (this.unread) return this.unread;
    const bytes = this.getBuffer();
    const at = this.offset;
    const id = at + 4 <= bytes.length && !this.readerAt(at) ? bytes.readUInt32LE(at) : undefined;
    this.unread = new Unread(id?.toString(16).padStart(8, '0'), bytes.subarray(this.begun[1] ?? at));
    return this.unread;
  }

  private orNothing<T>(read: () => T): T {
    if (this.unread) return nothing;
    try {
      const value = read();
      return this.unread ? nothing : value;
    } catch {
      this.stop();
      return nothing;
    }
  }

  /** A decrypted message ends with 12 to 1024 random bytes, which are not part of it. */
  private dropPadding(): void {
    const bytes = this.getBuffer();
    if (this.tellPosition() !== messageHead || bytes.length < messageHead) return;
    const padding = bytes.length - messageHead - bytes.readInt32LE(lengthAt);
    if (padding >= 12 && padding <= 1024) (this as unknown as { stream: Buffer }).stream = bytes.subarray(0, -padding);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** GramJS looks up its reader each time it needs one. */
(createRequire(import.meta.url)('telegram/extensions/BinaryReader.js') as { BinaryReader: unknown }).BinaryReader =
  LenientReader;
