/**
 * Whatever ranges the server chose: requests are valid and complete, every byte is checked against its hash, and no wrong byte gets
 * out.
 */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decrypted } from './cdn.js';
import { checkedRead, WrongBytesError } from './checked-read.js';
import { HashBook } from './hash-book.js';
import { areWhole, type FileHash, hashOf, matches, requestsFor, sampledOffsets } from './hashes.js';

const kib = 1024;
const mib = kib * kib;

/** A file of some size, its hashes over ranges of any length, and a range that starts like a part. */
const files = fc
  .record({
    size: fc.integer({ min: 1, max: 40_000 }),
    lengths: fc.array(fc.integer({ min: 1, max: 15_000 }), { minLength: 1, maxLength: 5 }),
    part: fc.constantFrom(4096, 8192, 16_384),
    index: fc.nat(9),
    page: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ size, lengths, part, index, page }) => {
    const bytes = createHash('shake256', { outputLength: size }).update(`${size}`).digest();
    const hashes: FileHash[] = [];
    for (let from = 0; from < size;) {
      const limit = lengths[hashes.length % lengths.length]!;
      const hash = createHash('sha256')
        .update(bytes.subarray(from, from + limit))
        .digest();
      hashes.push(hashOf({ offset: BigInt(from), limit, hash }, size));
      from += limit;
    }
    const from = Math.floor((index % Math.ceil(size / part)) * part);
    return { bytes, hashes, range: { from, to: Math.min(size, from + part) }, page };
  });

type File = typeof files extends fc.Arbitrary<infer T> ? T : never;

/** Answers like a server: some hashes, from the one that covers the byte. */
function bookOf({ hashes, page }: File): { book: HashBook; asked: number[] } {
  const asked: number[] = [];
  const book = new HashBook(async (offset) => {
    asked.push(offset);
    const first = hashes.findIndex((it) => offset < it.to);
    return first < 0 ? [] : hashes.slice(first, first + page);
  });
  return { book, asked };
}

/** `corrupt` gets the offset and bytes of every answer. */
function sourceOf(file: File, corrupt: (offset: number, bytes: Buffer) => Uint8Array = (_, bytes) => bytes) {
  const { book } = bookOf(file);
  let wrong = 0;
  return {
    name: 'the server',
    ask: async ({ offset, limit }: { offset: number; limit: number }) =>
      corrupt(offset, Buffer.from(file.bytes.subarray(offset, offset + limit))),
    hashes: (range: { from: number; to: number }) => book.covering(range),
    onWrong: () => void wrong++,
    wrongs: () => wrong,
  };
}

test('requests follow the rules of upload.getCdnFile, are contiguous, and cover the range', () => {
  const ranges = fc.tuple(fc.nat(5 * mib), fc.integer({ min: 1, max: 3 * mib }));
  fc.assert(
    fc.property(ranges, ([from, length]) => {
      const requests = requestsFor({ from, to: from + length });
      let end = requests[0]!.offset;
      expect(end).toBeLessThanOrEqual(from);
      for (const { offset, limit } of requests) {
        expect([offset % 4096, limit % 4096, mib % limit, offset]).toEqual([0, 0, 0, end]);
        expect(Math.floor(offset / mib)).toBe(Math.floor((offset + limit - 1) / mib));
        expect(offset).toBeLessThan(from + length);
        end += limit;
      }
      expect(end).toBeGreaterThanOrEqual(from + length);
    }),
  );
  expect(requestsFor({ from: 512 * kib, to: mib })).toEqual([{ offset: 512 * kib, limit: 512 * kib }]);
});

describe('whatever ranges the hashes cover', () => {
  test('the book finds those for every byte of a part, and requests no page twice', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const { book, asked } = bookOf(file);
        const [found, again] = await Promise.all([book.covering(file.range), book.covering(file.range)]);
        expect(found).toEqual(file.hashes.filter((it) => it.to > file.range.from && it.from < file.range.to));
        expect(again).toEqual(found);
        expect(areWhole(found, file.range)).toBe(true);
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  test('right bytes are passed on', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const source = sourceOf(file);
        const bytes = await checkedRead(source, file.range);
        expect(Buffer.from(bytes).equals(file.bytes.subarray(file.range.from, file.range.to))).toBe(true);
        expect(source.wrongs()).toBe(0);
      }),
    );
  });

  test('a wrong bit anywhere in the part is requested again, and never passed on', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.nat(), fc.integer({ min: 1, max: 3 }), async (file, where, times) => {
        const { from, to } = file.range;
        const at = from + (where % (to - from));
        let left = times;
        const source = sourceOf(file, (offset, bytes) => {
          if (at >= offset && at < offset + bytes.length && left-- > 0) bytes[at - offset]! ^= 1;
          return bytes;
        });
        const bytes = await checkedRead(source, file.range).catch((error: unknown) => error);
        expect(source.wrongs()).toBeGreaterThan(0);
        if (bytes instanceof Uint8Array) expect(Buffer.from(bytes).equals(file.bytes.subarray(from, to))).toBe(true);
        else expect([bytes instanceof WrongBytesError, source.wrongs()]).toEqual([true, 3]);
      }),
    );
  });

  test('short answers count as wrong', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const source = sourceOf(file, (_, bytes) => bytes.subarray(0, bytes.length - 1));
        await expect(checkedRead(source, file.range)).rejects.toThrow('the server sent wrong bytes 3 times');
      }),
    );
  });
});

describe('hashes', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest();

  test('those that extend beyond the end cover the bytes that exist', () => {
    const last = hashOf({ offset: 4n, limit: 100, hash: sha256('ef') }, 6);
    expect(last).toMatchObject({ from: 4, to: 6 });
    expect(matches(last, [Buffer.from('e'), Buffer.from('f')])).toBe(true);
    expect(matches(last, [Buffer.from('eg')])).toBe(false);
  });

  test('may come in any order, twice, empty or with gaps', async () => {
    const at = (from: number, to: number) => ({ from, to, sha256: Buffer.from([from, to]) });
    const book = new HashBook(async () => [], [at(20, 30), at(5, 5), at(0, 8), at(0, 10), at(-5, 3)]);
    const starts = [0, 9, 10, 19, 20, 29, 30].map(async (it) => (await book.at(it))?.from ?? null);
    expect(await Promise.all(starts)).toEqual([0, 0, null, null, 20, 20, null]);
    const hashes = await book.covering({ from: 2, to: 21 });
    expect(hashes).toEqual([at(0, 10)]);
    expect(areWhole(hashes, { from: 2, to: 10 })).toBe(true);
    expect(areWhole(hashes, { from: 2, to: 21 })).toBe(false);
  });

  test('those that the server does not have are requested once', async () => {
    let asked = 0;
    const book = new HashBook(async () => (asked++, []));
    expect(await Promise.all([book.at(0), book.covering({ from: 0, to: 5 }), book.at(0)])).toEqual([
      undefined,
      [],
      undefined,
    ]);
    expect(asked).toBe(1);
  });

  test('those whose request failed are requested again', async () => {
    const answers = [Promise.reject(new Error('lost')), Promise.resolve([{ from: 0, to: 5, sha256: sha256('') }])];
    const book = new HashBook(() => answers.shift()!);
    await expect(book.at(0)).rejects.toThrow('lost');
    expect((await book.at(0))?.to).toBe(5);
  });
});

describe('a sample', () => {
  test('covers the first and the last byte of a large file and one per 16 MiB, always the same', () => {
    const size = 100 * mib + 3;
    const offsets = sampledOffsets(77n, size);
    expect(offsets).toHaveLength(2 + 7);
    expect(offsets).toContain(0);
    expect(offsets).toContain(size - 1);
    for (let start = 0; start < size; start += 16 * mib)
      expect(offsets.slice(2).filter((it) => it >= start && it < Math.min(size, start + 16 * mib))).toHaveLength(1);
    expect(sampledOffsets(77n, size)).toEqual(offsets);
    expect(sampledOffsets(78n, size)).not.toEqual(offsets);
  });

  test('covers one in eight small files', () => {
    const sampled = Array.from({ length: 8000 }, (_, id) => sampledOffsets(BigInt(id), 60_000)).filter(
      (it) => it.length,
    );
    expect(sampled.length).toBeGreaterThan(800);
    expect(sampled.length).toBeLessThan(1200);
    expect(sampledOffsets(5n, 512 * kib + 1).length).toBeGreaterThan(0);
  });
});

test('bytes of a CDN are decrypted from any block; the counter replaces the end of the iv', () => {
  const [key, iv] = [randomBytes(32), randomBytes(16)];
  const plain = randomBytes(10_000);
  const zero = Buffer.concat([iv.subarray(0, 12), Buffer.alloc(4)]);
  const sent = createCipheriv('aes-256-ctr', key, zero).update(plain);
  const redirect = { dcId: 203, token: Buffer.alloc(1), key, iv };
  for (const offset of [0, 16, 4096, 9984])
    expect(decrypted(redirect, offset, sent.subarray(offset)).equals(plain.subarray(offset))).toBe(true);
});
