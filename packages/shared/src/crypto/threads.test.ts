/** What threads do is what would be done without them. */
import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileHash, largeBytes } from './threads.js';

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('a file hash is that of all bytes, whatever the sizes of its pieces, and of several files side by side', async () => {
  const size = fc.oneof(fc.nat(100), fc.integer({ min: largeBytes - 10, max: largeBytes + 10 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(size, { maxLength: 6 }), { maxLength: 4 }), async (files) => {
      const hashed = files.map(async (sizes) => {
        const pieces = sizes.map((it) => randomBytes(it));
        const right = hashOf(Buffer.concat(pieces));
        const hash = new FileHash();
        for (const it of pieces) await hash.add(it);
        expect(await hash.digest()).toBe(right);
        hash.forget();
      });
      await Promise.all(hashed);
    }),
    { numRuns: 30 },
  );
});

test.skipIf(availableParallelism() === 1)('a large piece is handed over, and nothing of it stays here', async () => {
  const bytes = new Uint8Array(largeBytes);
  const hash = new FileHash();
  const adding = hash.add(bytes);
  expect(bytes.length).toBe(0);
  await adding;
  expect(await hash.digest()).toBe(hashOf(new Uint8Array(largeBytes)));
});

test('a piece that lies in something larger is not handed over', async () => {
  const larger = new Uint8Array(largeBytes * 3).fill(7);
  const hash = new FileHash();
  await hash.add(larger.subarray(0, largeBytes));
  expect(larger.length).toBe(largeBytes * 3);
  expect(await hash.digest()).toBe(hashOf(new Uint8Array(largeBytes).fill(7)));
});
