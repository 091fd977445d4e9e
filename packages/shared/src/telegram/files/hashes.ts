/** hashes.ts: which hash covers which bytes of a file, how to request them, and which ones to check. Pure. */
import { createHash } from 'node:crypto';

/** A range of bytes of a file, half-open. */
export interface Range {
  from: number;
  to: number;
}

/** The hash of a range. Ranges are the server's choice and need not match our parts. */
export interface FileHash extends Range {
  sha256: Uint8Array;
}

const kib = 1024;
const smallest = 4 * kib;
const largest = 512 * kib;
const window = 1024 * kib;

/** The requests that cover a range, by the rules of upload.getFile and upload.getCdnFile: maybe some bytes more, never fewer. */
export function requestsFor({ from, to }: Range): { offset: number; limit: number }[] {
  const requests = [];
  for (let offset = from - (from % smallest); offset < to;) {
    let limit = smallest;
    while (limit < largest && offset + limit < to) limit *= 2;
    while (limit > window - (offset % window)) limit /= 2;
    requests.push({ offset, limit });
    offset += limit;
  }
  return requests;
}

/** A hash as received from Telegram. The last one may extend beyond the end of the file, and covers only the bytes that exist. */
export function hashOf(it: { offset: unknown; limit: number; hash: Uint8Array }, size: number): FileHash {
  const from = Number(it.offset);
  return { from, to: Math.min(from + it.limit, size), sha256: it.hash };
}

/** How many of the ordered hashes start at or before `offset`. */
export function countUpTo(hashes: readonly FileHash[], offset: number): number {
  let [low, high] = [0, hashes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hashes[middle]!.from <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The one of the ordered hashes that covers the byte at `offset`. */
export function hashAt(hashes: readonly FileHash[], offset: number): FileHash | undefined {
  const last = hashes[countUpTo(hashes, offset) - 1];
  return last && offset < last.to ? last : undefined;
}

/** Whether every byte of a range has a hash. */
export function areWhole(hashes: readonly FileHash[], { from, to }: Range): boolean {
  let end = from;
  for (const it of hashes) if (it.from <= end) end = Math.max(end, it.to);
  return end >= to;
}

/** Whether bytes, given in pieces, match the hash. */
export function matches({ sha256 }: FileHash, pieces: readonly Uint8Array[]): boolean {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest().equals(sha256);
}

/** The sampling rates: one range per this many bytes, and one in this many of the files that fit in a single request. */
const sampleStretch = 16 * window;
const smallFiles = 8;

/**
 * The bytes that a sample checks: the first, the last and one range per 16 MiB. Only one in eight small files is checked: an extra call
 * for each would double the calls. The choice depends only on the file.
 */
export function sampledOffsets(id: bigint, size: number): number[] {
  const draw = (count: number, below: number) =>
    createHash('sha256').update(`${id}/${count}`).digest().readUInt32LE(0) % below;
  if (size <= largest && draw(0, smallFiles) !== 0) return [];
  const offsets = [0, size - 1];
  for (let start = 0; start < size; start += sampleStretch)
    offsets.push(start + draw(1 + start / sampleStretch, Math.min(sampleStretch, size - start)));
  return offsets;
}
