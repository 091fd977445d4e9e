/** readable.ts: what the readers of objects need of the reader of a message's bytes. Each value is null once something cannot be read. */
export interface Readable {
  int(): number;
  readLong(): unknown;
  readLargeInt(bits: number): unknown;
  readDouble(): number;
  tgReadBytes(): Buffer;
  tgReadString(): string;
  tgReadBool(): boolean;
  tgReadDate(): Date;
  tgReadObject(): unknown;
  /** A vector of objects, each with its id; the vector's own id has been read. */
  objects(): unknown[];
  /** A vector; `isBoxed`: its id comes first. */
  vector<T>(isBoxed: boolean, item: (reader: this) => T): T[];
  /** Throws: GramJS has no way to read what comes next. */
  unreadable(): never;
}
