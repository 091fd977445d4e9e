/**
 * file-hashes.ts: SHA-256 of a file's ranges, as the master data centre serves them: several ranges per answer.
 */
import { createHash } from 'node:crypto';
import type { TlObject } from '../tl/value.js';
import type { Media } from '../world/media-file.js';

/** What a location refers to: a file, one of its sizes, and that size's bytes. */
export interface Target {
  readonly media: Media;
  readonly thumbSize: string;
  readonly size: number;
}

/** Ranges per answer. */
const HASHES = 10;
/** Hashes kept for each file, because clients ask for the same ranges again. 65536 of 128 KiB cover 8 GiB. */
const KEPT = 1 << 16;

const known = new WeakMap<Media, Map<string, Buffer>>();

function hashOf(media: Media, thumbSize: string, offset: number, range: number): Buffer {
  const kept = known.get(media) ?? new Map<string, Buffer>();
  known.set(media, kept);
  const key = `${thumbSize} ${offset} ${range}`;
  const hash =
    kept.get(key) ??
    createHash('sha256')
      .update(media.bytes(thumbSize, offset, range))
      .digest();
  if (kept.size < KEPT) kept.set(key, hash);
  return hash;
}

/** The hashes starting with the range that contains `first`; of the plain bytes, not of the CDN's encrypted ones. */
export function fileHashes({ media, thumbSize, size }: Target, first: number, range: number): TlObject[] {
  const hashes: TlObject[] = [];
  for (let offset = first - (first % range); offset < size && hashes.length < HASHES; offset += range) {
    const limit = Math.min(range, size - offset);
    hashes.push({ _: 'fileHash', offset: BigInt(offset), limit, hash: hashOf(media, thumbSize, offset, range) });
  }
  return hashes;
}
