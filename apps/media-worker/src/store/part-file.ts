/**
 * part-file.ts: an unfinished download in /temp: its bytes, and beside them a record of the parts that are there.
 * Bytes are flushed before they are recorded, so the record never says more than is true; whatever stopped, it goes on from it.
 */
import { type FileHandle, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createPlain, openPlain } from '@tgsync/shared/store';
import { z } from 'zod';
import { type Part, partAt, partSize, partsOf } from './parts.js';

const recordSchema = z.object({ size: z.int(), partSize: z.int(), done: z.array(z.int().min(0)) });

/** Parts between two flushes: what a power cut may cost. */
const flushEvery = 32;

export class PartFile {
  private readonly done: Set<number>;
  private unflushed = 0;
  private flushing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
    done: readonly number[],
  ) {
    this.done = new Set(done);
  }

  /** Opens the unfinished download of `name`, or begins one. */
  static async open(folder: string, name: string, size: number): Promise<PartFile> {
    const path = pathOf(folder, name);
    const done = await readRecord(`${path}.json`, size);
    const kept = done.length > 0 ? await openHolding(path, endOf(size, done)) : undefined;
    return new PartFile(path, size, kept ?? (await createPlain(path)), kept ? done : []);
  }

  /** Removes the bytes and the record of `name`, whatever of them is there. */
  static async discard(folder: string, name: string): Promise<void> {
    const path = pathOf(folder, name);
    await rm(path, { force: true });
    await rm(`${path}.json`, { force: true });
  }

  missing(): Part[] {
    return partsOf(this.size).filter((it) => !this.done.has(it.index));
  }

  get doneBytes(): number {
    return partsOf(this.size).reduce((sum, it) => sum + (this.done.has(it.index) ? it.length : 0), 0);
  }

  async write(part: Part, bytes: Uint8Array): Promise<void> {
    if (bytes.length !== part.length) {
      throw new Error(`part ${part.index} has ${bytes.length} bytes instead of ${part.length}`);
    }
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, written, bytes.length - written, part.offset + written);
      written += bytesWritten;
    }
    this.done.add(part.index);
    if (++this.unflushed >= flushEvery) await this.flush();
  }

  /** Makes what was written so far safe, then says so in the record. */
  async flush(): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const done = [...this.done];
      this.unflushed = 0;
      await this.handle.datasync();
      await writeRecord(`${this.path}.json`, { size: this.size, partSize, done });
    });
    await this.flushing;
  }

  /** Flushes a whole file and closes it; there is a file then even of zero bytes. */
  async finish(): Promise<void> {
    if (this.missing().length > 0) throw new Error('the file is not whole');
    await this.handle.sync();
    await this.handle.close();
  }

  /** Closes an unfinished file, keeping what is there. A file of one part has nothing to keep. */
  async pause(): Promise<void> {
    try {
      if (this.done.size > 0) await this.flush();
    } finally {
      await this.handle.close();
    }
  }
}

function pathOf(folder: string, name: string): string {
  return join(folder, `${name}.part`);
}

function endOf(size: number, done: readonly number[]): number {
  const { offset, length } = partAt(size, Math.max(...done));
  return offset + length;
}

/** The bytes that a record speaks of; undefined when they are not all there. */
async function openHolding(path: string, bytes: number): Promise<FileHandle | undefined> {
  const handle = await openPlain(path, 'r+');
  if (!handle) return undefined;
  if ((await handle.stat()).size >= bytes) return handle;
  await handle.close();
  return undefined;
}

async function readRecord(path: string, size: number): Promise<number[]> {
  const handle = await openPlain(path, 'r');
  if (!handle) return [];
  try {
    const record = recordSchema.parse(JSON.parse(await handle.readFile('utf8')));
    return record.size === size && record.partSize === partSize ? record.done : [];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return [];
    throw error;
  } finally {
    await handle.close();
  }
}

async function writeRecord(path: string, record: z.output<typeof recordSchema>): Promise<void> {
  const partial = `${path}.new`;
  const handle = await createPlain(partial);
  try {
    await handle.writeFile(JSON.stringify(record));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(partial, path);
}
