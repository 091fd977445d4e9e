/** parts.ts: which requests make up a file, by the rules of upload.getFile. Pure. */
import { PermanentError } from '../errors/index.js';

/** Divides 1 MiB and is a multiple of 4 KiB, so no request crosses a 1 MiB boundary. */
export const partSize = 512 * 1024;

const gib = 1024 ** 3;
/** Telegram accepts files of up to 4 GB; a much larger claimed size cannot be true. */
const largestFile = 16 * gib;

export interface Part {
  index: number;
  offset: number;
  /** Bytes that the part must have. */
  length: number;
}

/** The size as a number; throws a {@link PermanentError} if no file can have it. */
export function fileSize(claimed: bigint): number {
  if (claimed >= 0n && claimed <= largestFile) return Number(claimed);
  throw new PermanentError(
    `its claimed size of ${claimed} bytes is impossible for a Telegram file (0 to ${largestFile / gib} GiB)`,
  );
}

export function countParts(size: number): number {
  return Math.ceil(size / partSize);
}

/** Generated one by one, so that no list of all parts is held in memory. */
export function* partsOf(size: number): Generator<Part> {
  const count = countParts(size);
  for (let index = 0; index < count; index++) yield partAt(size, index);
}

export function partAt(size: number, index: number): Part {
  const offset = index * partSize;
  return { index, offset, length: Math.min(partSize, size - offset) };
}
