/** parts.ts: which requests make up a file, by the rules of upload.getFile. Pure. */

/** Divides 1 MiB, is a multiple of 4 KiB: so no request crosses a 1 MiB boundary. */
export const partSize = 512 * 1024;

export interface Part {
  index: number;
  offset: number;
  /** The bytes that the part must have. */
  length: number;
}

export function partsOf(size: number): Part[] {
  const count = Math.ceil(size / partSize);
  return Array.from({ length: count }, (_, index) => partAt(size, index));
}

export function partAt(size: number, index: number): Part {
  const offset = index * partSize;
  return { index, offset, length: Math.min(partSize, size - offset) };
}
