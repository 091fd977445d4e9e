/**
 * small-file.ts: a download of one part. It stays in memory until it is complete, so nothing of it has to be resumed, flushed or read
 * again before it is in /media.
 */
import { createHash } from 'node:crypto';
import type { StoredFile } from './fingerprint.js';
import { type Part, partSize, partsOf } from './parts.js';

export class SmallFile {
  bytes: Uint8Array | undefined;

  constructor(private readonly size: number) {
    if (size === 0) this.bytes = new Uint8Array();
  }

  /** Whether a file of this many bytes has only one part. */
  static holds(size: number): boolean {
    return size <= partSize;
  }

  *missing(): Generator<Part> {
    if (!this.bytes) yield* partsOf(this.size);
  }

  async write(part: Part, bytes: Uint8Array): Promise<void> {
    if (bytes.length !== part.length) throw new Error(`the file has ${bytes.length} bytes instead of ${part.length}`);
    this.bytes = bytes;
  }

  /** SHA-256 and size of the complete file. */
  static fingerprint(bytes: Uint8Array): StoredFile {
    return { sha256: createHash('sha256').update(bytes).digest('hex'), size: BigInt(bytes.length) };
  }
}
