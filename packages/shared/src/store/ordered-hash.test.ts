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

test('when one part is late, those that came too early to be held are read from the disk, and no others', async () => {
  const count = 200;
  const read: number[] = [];
  const hash = new OrderedHash(count, async (index) => {
    read.push(index);
    return bytesOf(index);
  });
  const isLate = 10;
  for (let index = 0; index < 50; index++) if (index !== isLate) await hash.add(index, bytesOf(index));
  await hash.add(isLate, bytesOf(isLate));
  const early = [...read];
  for (let index = 50; index < count; index++) await hash.add(index, bytesOf(index));
  expect(await hash.digest()).toHaveLength(64);
  expect(early.length).toBeLessThan(30);
  expect(read).toEqual(early);
});

test('parts in order are never read from the disk', async () => {
  const hash = new OrderedHash(3, async () => expect.fail('read'));
  for (const it of [1, 0, 2]) await hash.add(it, bytesOf(it));
  await hash.digest();
});
