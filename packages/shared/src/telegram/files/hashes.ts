/** hashes.ts: which hash is for which bytes of a file, what to ask for them, and which of them are looked at. Pure. */
import { createHash } from 'node:crypto';

/** Bytes of a file, from the first one up to but without the last. */
export interface Range {
  from: number;
  to: number;
}

/** What the bytes of a range must be. Ranges are the server's choice: they need not fit our parts. */
export interface FileHash extends Range {
  sha256: Uint8Array;
}

const kib = 1024;
const smallest = 4 * kib;
const largest = 512 * kib;
const window = 1024 * kib;

/** The requests that bring a range, by the rules of upload.getFile and upload.getCdnFile: some bytes more than it, never fewer. */
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

/** A hash as Telegram told it. Its last one may reach beyond the end of the file, and is of the bytes that are there. */
export function hashOf(it: { offset: unknown; limit: number; hash: Uint8Array }, size: number): FileHash {
  const from = Number(it.offset);
  return { from, to: Math.min(from + it.limit, size), sha256: it.hash };
}

/** How many hashes, of hashes in order, begin at `offset` or before it. */
export function countUpTo(hashes: readonly FileHash[], offset: number): number {
  let [low, high] = [0, hashes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hashes[middle]!.from <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The hash that is for the byte at `offset`, of hashes in order. */
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

/** Whether bytes, given in pieces, are what the hash says. */
export function matches({ sha256 }: FileHash, pieces: readonly Uint8Array[]): boolean {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest().equals(sha256);
}

/** One byte in so many is looked at, and one file in so many of those that a single request brings. */
const sampleStretch = 16 * window;
const smallFiles = 8;

/**
 * The bytes whose hashes a sample checks: the first, the last and one of every 16 MiB. One in eight small files has any:
 * a call more for each would double the calls. Which ones depends on the file alone.
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
