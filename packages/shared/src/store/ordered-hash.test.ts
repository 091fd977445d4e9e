/** The hash of a file is right in whatever order its parts arrive, and no part is held for long. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedHash } from './ordered-hash.js';

const bytesOf = (index: number) => Buffer.alloc(50 + index, `part ${index}, `);

test('in any order, also if parts only come from the disk', async () => {
  const count = 40;
  const right = createHash('sha256');
  for (let index = 0; index < count; index++) right.update(bytesOf(index));
  const digest = right.digest('hex');
  const order = fc.shuffledSubarray([...Array(count).keys()]);
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), async (indexes, atOnce) => {
      const read: number[] = [];
      const hash = new OrderedHash(count, async (index) => {
        read.push(index);
        return bytesOf(index);
      });
      if (atOnce) await Promise.all(indexes.map((it) => hash.add(it, bytesOf(it))));
      else for (const it of indexes) await hash.add(it, bytesOf(it));
      expect(await hash.digest()).toBe(digest);
      expect(new Set(read).size).toBe(read.length);
      const inOrder = indexes.every((it, index) => it === index);
      if (inOrder) expect(read).toEqual([...Array(count).keys()].slice(indexes.length));
    }),
  );
});

test('parts in order are never read from the disk', async () => {
  const hash = new OrderedHash(3, async () => expect.fail('read'));
  for (const it of [1, 0, 2]) await hash.add(it, bytesOf(it));
  await hash.digest();
});
