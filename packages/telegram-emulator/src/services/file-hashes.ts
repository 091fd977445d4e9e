/**
 * file-hashes.ts: SHA-256 of ranges of a file, as the master data centre tells them: some ranges an answer.
 */
import { createHash } from 'node:crypto';
import type { TlObject } from '../tl/value.js';
import type { Media } from '../world/media-file.js';

/** What a location names: a file, one of its sizes, and that size's bytes. */
export interface Target {
  readonly media: Media;
  readonly thumbSize: string;
  readonly size: number;
}

/** Ranges of one answer. */
const HASHES = 10;

/** The hashes from the range on that holds `first`; of the bytes themselves, not of what a CDN makes of them. */
export function fileHashes({ media, thumbSize, size }: Target, first: number, range: number): TlObject[] {
  const hashes: TlObject[] = [];
  for (let offset = first - (first % range); offset < size && hashes.length < HASHES; offset += range) {
    const bytes = media.bytes(thumbSize, offset, range);
    const hash = createHash('sha256').update(bytes).digest();
    hashes.push({ _: 'fileHash', offset: BigInt(offset), limit: bytes.length, hash });
  }
  return hashes;
}
