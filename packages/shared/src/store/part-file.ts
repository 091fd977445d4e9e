/**
 * part-file.ts: an unfinished download in a folder of /temp: its bytes, and beside them a record of the parts that are done. Bytes are
 * flushed before they are recorded, so the record never claims too much, and a download resumes from it after any stop.
 */
import type { FileHandle } from 'node:fs/promises';
import { createPlain, isStillAt, openPlain, removePlain } from './plain.js';
import { unfinishedPaths, unwrittenRecord } from './unfinished.js';
import { adoptParts } from './adopt-parts.js';
import type { StoredFile } from './fingerprint.js';
import type { Held } from './held.js';
import { OrderedHash } from './ordered-hash.js';
import { codeOf, isCodeOf, readRecord, writeRecord } from './part-record.js';
import { countParts, type Part, partAt, partsOf } from './parts.js';

/** Parts between two flushes. */
const flushEvery = 32;
/** Parts that are written while a flush runs, before they have to wait for it: with those being flushed, the most that a power cut can lose. */
const mostUnflushed = 64;

/** Somebody replaced our file or removed it. Theirs is never used instead. */
export class ReplacedError extends Error {
  override name = 'ReplacedError';

  constructor(path: string) {
    super(`${path} is no longer the file that tgsync wrote; downloading it again`);
  }
}

/** An unfinished download that is open for writing. */
export class PartFile {
  /** The codes of the parts that are done. */
  private readonly done: Map<number, string>;
  /** Parts known only from the record: their bytes have not been read yet. */
  private readonly unproven: Set<number>;
  private bytes = 0;
  private unflushed = 0;
  private flushing: Promise<void> = Promise.resolve();
  private isFlushing = false;
  private readonly hash: OrderedHash;

  private constructor(
    readonly path: string,
    private readonly record: string,
    readonly size: number,
    private readonly key: string,
    readonly handle: FileHandle,
    recorded: ReadonlyMap<number, string>,
  ) {
    this.done = new Map(recorded);
    this.unproven = new Set(recorded.keys());
    for (const index of this.unproven) this.bytes += partAt(size, index).length;
    this.hash = new OrderedHash(countParts(size), (index) => this.read(index));
  }

  /**
   * Opens the unfinished download of a media of `size` bytes that an earlier owner left, or starts a new one. `key`: a secret of this
   * archive for this media. Throws a {@link ClaimLostError}.
   */
  static async open(temp: string, held: Held, size: number, key: string): Promise<PartFile> {
    const { bytes, record } = unfinishedPaths(await adoptParts(temp, held, size));
    const done = await readRecord(record, size);
    const kept =
      done.size > 0 ? await openHolding(bytes, endOf(size, done.keys()), unwrittenRecord(record)) : undefined;
    return new PartFile(bytes, record, size, key, kept ?? (await createPlain(bytes)), kept ? done : new Map());
  }

  /** The parts that are still missing when it is their turn. */
  *missing(): Generator<Part> {
    for (const part of partsOf(this.size)) if (!this.done.has(part.index)) yield part;
  }

  get doneBytes(): number {
    return this.bytes;
  }

  /** Writes a part, whose memory nobody may use afterwards: it is hashed beside everything else. */
  async write(part: Part, bytes: Uint8Array): Promise<void> {
    if (bytes.length !== part.length) {
      throw new Error(`part ${part.index} has ${bytes.length} bytes instead of ${part.length}`);
    }
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, written, bytes.length - written, part.offset + written);
      written += bytesWritten;
    }
    if (!this.done.has(part.index)) this.bytes += part.length;
    this.done.set(part.index, codeOf(this.key, part.index, bytes));
    this.unproven.delete(part.index);
    await this.hash.add(part.index, bytes);
    this.unflushed++;
    if (this.unflushed >= mostUnflushed) await this.flush();
    else if (this.unflushed >= flushEvery && !this.isFlushing) void this.flush().catch(() => {}); // the next one throws it, too
  }

  /**
   * Reads the parts that the record says an earlier run wrote, and drops those whose bytes do not match it; returns how many bytes were
   * dropped. Done once, before the file is complete, and not each time a download resumes: it may have waited many times.
   */
  async dropForeign(signal: AbortSignal): Promise<number> {
    let dropped = 0;
    for (const index of this.unproven) {
      signal.throwIfAborted();
      const { length } = partAt(this.size, index);
      const bytes = await this.read(index);
      this.unproven.delete(index);
      if (bytes.length === length && isCodeOf(this.key, index, bytes, this.done.get(index)!)) {
        await this.hash.add(index, bytes);
        continue;
      }
      this.done.delete(index);
      this.bytes -= length;
      dropped += length;
    }
    return dropped;
  }

  /** Flushes what was written so far, then records it. Throws ENOENT if a later owner has it. */
  async flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const done = new Map(this.done);
      this.unflushed = 0;
      this.isFlushing = true;
      await this.handle.datasync();
      await writeRecord(this.record, this.size, done);
      this.isFlushing = false;
    });
    await this.flushing;
  }

  /** Flushes a complete file, which stays open until it has been placed; creates the file even if it has zero bytes. */
  async finish(): Promise<void> {
    if (this.done.size < countParts(this.size)) throw new Error('the file is incomplete');
    if (this.unproven.size > 0) throw new Error('parts of the file are not verified');
    try {
      await this.flushing; // an error is reported once: here, or to whoever flushed
      await this.handle.sync();
    } catch (error) {
      throw (await isStillAt(this.path, this.handle)) ? error : new ReplacedError(this.path);
    }
    if (!(await isStillAt(this.path, this.handle))) throw new ReplacedError(this.path);
  }

  /** SHA-256 and size of what was written, not of whatever has the name by now. */
  async fingerprint(): Promise<StoredFile> {
    const { size } = await this.handle.stat({ bigint: true });
    return { sha256: await this.hash.digest(), size };
  }

  /** Closes the file if it is still open. */
  async close(): Promise<void> {
    this.hash.forget();
    await this.flushing.catch(() => {}); // whoever flushes next gets the error
    await this.handle.close();
  }

  /** The bytes of a part as they are on disk; fewer if the file ends earlier. */
  private async read(index: number): Promise<Uint8Array> {
    const { offset, length } = partAt(this.size, index);
    const { buffer, bytesRead } = await this.handle.read(Buffer.allocUnsafeSlow(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** Closes an unfinished file and keeps what is done. A file of one part has nothing to keep. */
  async pause(): Promise<void> {
    try {
      if (this.done.size > 0) await this.flush();
    } finally {
      await this.close();
    }
  }
}

function endOf(size: number, done: Iterable<number>): number {
  let last = 0;
  for (const index of done) last = Math.max(last, index);
  const { offset, length } = partAt(size, last);
  return offset + length;
}

/**
 * Opens the bytes that a record covers; undefined if some are missing, or the file is not ours alone. `probe`: a name to create a test
 * file with.
 */
async function openHolding(path: string, bytes: number, probe: string): Promise<FileHandle | undefined> {
  const handle = await openPlain(path, 'r+');
  if (!handle) return undefined;
  const { size, uid } = await handle.stat();
  if (size >= bytes && (uid === process.geteuid?.() || uid === (await ownerOfNew(probe)))) return handle;
  await handle.close();
  return undefined;
}

/**
 * The owner of the files we create, which on some network disks is another user. The owner of a file can change it at any time, even
 * later.
 */
async function ownerOfNew(path: string): Promise<number> {
  const handle = await createPlain(path);
  try {
    return (await handle.stat()).uid;
  } finally {
    await handle.close();
    await removePlain(path);
  }
}
