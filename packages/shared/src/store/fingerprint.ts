/**
 * fingerprint.ts: identifies a file's bytes by size and SHA-256, reading the file that was opened, even if another one has its name by
 * now.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

export interface StoredFile {
  sha256: string;
  size: bigint;
}

/** SHA-256 and size of an open file, which stays open. */
export async function fingerprintOf(handle: FileHandle): Promise<StoredFile> {
  const hash = createHash('sha256');
  let size = 0;
  const bytes: AsyncIterable<Buffer> = handle.createReadStream({
    start: 0,
    highWaterMark: 1024 * 1024,
    autoClose: false,
  });
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest('hex'), size: BigInt(size) };
}

/** Reads ranges of an open file; returns fewer bytes at its end. */
export function rangesOf(handle: FileHandle): (range: { from: number; to: number }) => Promise<Buffer> {
  return async ({ from, to }) => {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  };
}
