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

/** The hashes starting with the range that contains `first`; of the plain bytes, not of the CDN's encrypted ones. */
export function fileHashes({ media, thumbSize, size }: Target, first: number, range: number): TlObject[] {
  const hashes: TlObject[] = [];
  for (let offset = first - (first % range); offset < size && hashes.length < HASHES; offset += range) {
    const bytes = media.bytes(thumbSize, offset, range);
    const hash = createHash('sha256').update(bytes).digest();
    hashes.push({ _: 'fileHash', offset: BigInt(offset), limit: bytes.length, hash });
  }
  return hashes;
}
