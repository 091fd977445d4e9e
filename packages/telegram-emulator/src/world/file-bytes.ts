/**
 * file-bytes.ts: the content of every file of a world, as a pure function of (file, size type, offset).
 * Each 4 KiB block contains its file and its number, so with a lost, duplicated or misplaced part the hash never matches.
 */
import { mix32 } from './random.js';

const BLOCK = 4096;
const POOL = 1 << 20;

/** Identifies a stream of bytes: the two halves of a 64-bit number. */
export interface ByteSource {
  readonly high: number;
  readonly low: number;
  /** The first bytes, the magic number of a real file. */
  readonly head: Uint8Array;
}

let pool: Uint8Array | undefined;

/** Noise that blocks are copied from: copying is as fast as memory, unlike computing each byte. */
function noise(): Uint8Array {
  if (pool) return pool;
  const words = new Uint32Array(POOL / 4);
  for (let index = 0; index < words.length; index += 1) words[index] = mix32(index, 0x5bd1e995);
  pool = new Uint8Array(words.buffer);
  return pool;
}

/** Copies `length` bytes of block `block`, starting at `from`, into `target` at `at`. */
function copyBlock(source: ByteSource, block: number, from: number, length: number, target: Buffer, at: number): void {
  const start = mix32(mix32(source.low, source.high), block) % (POOL - BLOCK);
  target.set(noise().subarray(start + from, start + from + length), at);
  const stamp = [source.low, source.high, block >>> 0, Math.floor(block / 0x100000000)];
  if (from === 0 && length >= 16) {
    stamp.forEach((word, index) => target.writeUInt32LE(word >>> 0, at + 4 * index));
    return;
  }
  for (let index = from; index < Math.min(16, from + length); index += 1) {
    target[at + index - from] = ((stamp[index >> 2] ?? 0) >>> (8 * (index & 3))) & 0xff;
  }
}

/** The bytes [offset, offset + length) of an endless stream; the caller stops at the file's end. */
export function sourceBytes(source: ByteSource, offset: number, length: number): Uint8Array {
  const target = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const from = (offset + done) % BLOCK;
    const part = Math.min(BLOCK - from, length - done);
    copyBlock(source, Math.floor((offset + done) / BLOCK), from, part, target, done);
    done += part;
  }
  if (offset < source.head.length) target.set(source.head.subarray(offset, offset + length), 0);
  return target;
}
