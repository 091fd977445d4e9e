/** The requests that make up a file: they follow the rules of upload.getFile, and cover exactly the file. */
import fc from 'fast-check';
import { PermanentError } from '../errors/index.js';
import { expect, test } from 'vitest';
import { fileSize, partAt, partSize, partsOf } from './parts.js';

const mebibyte = 1024 * 1024;
const largest = 4000 * mebibyte; // what Telegram accepts from a premium account
const sizes = fc.oneof(
  fc.nat({ max: 20 * mebibyte }),
  fc.nat({ max: largest }),
  fc
    .tuple(fc.nat({ max: 40 }), fc.integer({ min: -1, max: 1 }))
    .map(([parts, off]) => Math.max(0, parts * partSize + off)),
);

test('the parts are the file, without a gap or a byte twice', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      let end = 0;
      const wrong = [...partsOf(size)].filter(({ index, offset, length }, nth) => {
        const begins = end;
        end += length;
        const alone = partAt(size, nth);
        return index !== nth || offset !== begins || length <= 0 || alone.offset !== offset || alone.length !== length;
      });
      expect(wrong).toEqual([]);
      expect(end).toBe(size);
    }),
  );
});

test('every request keeps the rules of upload.getFile', () => {
  expect([partSize % 4096, mebibyte % partSize]).toEqual([0, 0]);
  fc.assert(
    fc.property(sizes, (size) => {
      const wrong = [...partsOf(size)].filter(({ offset, length }) => {
        const crosses = Math.floor(offset / mebibyte) !== Math.floor((offset + partSize - 1) / mebibyte);
        return offset % 4096 !== 0 || crosses || length > partSize;
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test.each([
  [0, []],
  [1, [1]],
  [partSize, [partSize]],
  [partSize + 1, [partSize, 1]],
  [2 * partSize - 1, [partSize, partSize - 1]],
])('a file of %i bytes', (size, lengths) => {
  expect([...partsOf(size)].map((it) => it.length)).toEqual(lengths);
});

test('a size that no file has is refused, and its parts are nowhere listed', () => {
  expect(fileSize(0n)).toBe(0);
  expect(fileSize(16n * 1024n ** 3n)).toBe(16 * 1024 ** 3);
  for (const size of [-1n, 16n * 1024n ** 3n + 1n, 2n ** 50n, 2n ** 63n - 1n]) {
    expect(() => fileSize(size)).toThrow(PermanentError);
    expect(() => fileSize(size)).toThrow(`claimed size of ${size} bytes`);
  }
  expect(partsOf(2 ** 50).next().value).toEqual({ index: 0, offset: 0, length: partSize });
});
