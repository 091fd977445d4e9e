/**
 * lenient-reader.ts: GramJS's TL reader, except that unknown constructors do not stop it. TL has no lengths, so nothing can be read
 * after a constructor that this layer does not have. That part is marked, everything before it is kept, and everything after it is
 * missing (null; lists end or are empty). Nothing is thrown: a throw inside a vector would leave GramJS's definition of it broken, and
 * later vectors of numbers would be silently wrong until the process ends.
 */
import { createRequire } from 'node:module';
import { BinaryReader, coreObjects, tlobjects } from './gramjs.js';
import { generator } from './layer.js';

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

const vectorId = 0x1cb5c415;
const bools: ReadonlySet<number> = new Set([0x997275b5, 0xbc799737]);
/** Where the first object of a decrypted message begins, and where its length is: salt, session, message id, number, length. */
const messageHead = 32;
const lengthAt = 28;
const nothing = null as never;

/** GramJS's own reader, even if another copy of this module has replaced it with its own. */
function stock(reader: typeof BinaryReader): typeof BinaryReader {
  const base = Object.getPrototypeOf(reader) as typeof BinaryReader;
  return base.prototype ? stock(base) : reader;
}

export class LenientReader extends stock(BinaryReader) {
  /** The part that could not be read, if any. */
  unread: Unread | undefined;
  /** Start offsets of the objects being read, the outermost first. */
  private readonly begun: number[] = [];
  private previousInt: number | undefined;

  override tgReadObject(): never {
    if (this.unread) return nothing;
    generator.vectorAhead = undefined; // writing sets it, too
    if (this.begun.length === 0) this.dropPadding();
    const at = this.tellPosition();
    if (!this.knows(at)) return this.stop() as never;
    this.begun.push(at);
    try {
      const object = super.tgReadObject() as unknown;
      if (this.unread && typeof object === 'object' && object !== null) cut.add(object);
      return object as never;
    } catch {
      return (this.unread ?? this.stop()) as never; // some definitions require the missing part
    } finally {
      this.begun.pop();
    }
  }

  override readInt(signed = true): number {
    return this.orNothing(() => {
      const isCount = this.isCountNext();
      const ahead = this.begun.length > 0 ? generator.vectorAhead : undefined;
      generator.vectorAhead = undefined;
      const value = super.readInt(signed);
      this.previousInt = value;
      if (ahead?.boxed && value !== vectorId) throw new RangeError();
      // Every counted item takes at least four bytes.
      if (isCount && (value < 0 || value > (this.getBuffer().length - this.tellPosition()) / 4)) throw new RangeError();
      return value;
    });
  }

  private isCountNext(): boolean {
    return this.previousInt === vectorId || (this.begun.length > 0 && generator.vectorAhead?.boxed === false);
  }

  override readByte(): number {
    return this.orNothing(() => super.readByte());
  }

  override readLong(signed = true): never {
    return this.orNothing(() => super.readLong(signed) as never);
  }

  override readLargeInt(bits: number, signed = true): never {
    return this.orNothing(() => super.readLargeInt(bits, signed) as never);
  }

  override readDouble(): number {
    return this.orNothing(() => super.readDouble());
  }

  override tgReadBytes(): Buffer {
    return this.orNothing(() => super.tgReadBytes());
  }

  override tgReadString(): string {
    return this.orNothing(() => super.tgReadString());
  }

  override tgReadBool(): boolean {
    return this.orNothing(() => super.tgReadBool());
  }

  override tgReadDate(): Date {
    return this.orNothing(() => super.tgReadDate());
  }

  private knows(at: number): boolean {
    const bytes = this.getBuffer();
    if (at + 4 > bytes.length) return false;
    const id = bytes.readUInt32LE(at);
    return Object.hasOwn(tlobjects, id) || coreObjects.has(id) || id === vectorId || bools.has(id);
  }

  private stop(): Unread {
    const bytes = this.getBuffer();
    const at = this.tellPosition();
    const id = at + 4 <= bytes.length && !this.knows(at) ? bytes.readUInt32LE(at) : undefined;
    this.unread = new Unread(id?.toString(16).padStart(8, '0'), bytes.subarray(this.begun[1] ?? at));
    return this.unread;
  }

  private orNothing<T>(read: () => T): T {
    if (this.unread) return nothing;
    try {
      const value = read();
      return this.unread ? nothing : value;
    } catch {
      this.unread ??= this.stop();
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

/** GramJS looks up its reader each time it needs one. */
(createRequire(import.meta.url)('telegram/extensions/BinaryReader.js') as { BinaryReader: unknown }).BinaryReader =
  LenientReader;
