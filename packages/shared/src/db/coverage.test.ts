/** What was read is known exactly: ranges merge like sets of ids, whoever writes them and in whatever order. */
import { coverageOf, storePage } from '@tgsync/shared/db';
import type { BareDb } from '@tgsync/shared/db/bare';
import type { IdRange } from '@tgsync/shared/coverage';
import fc from 'fast-check';
import { expect } from 'vitest';
import { test } from '@tgsync/testing';
import { addChat, page } from '@tgsync/testing/pages';

const highest = 40;
const range = fc
  .tuple(fc.integer({ min: 1, max: highest }), fc.integer({ min: 0, max: 12 }))
  .map(([from, more]): IdRange => ({ from: BigInt(from), to: BigInt(from + more) }));

async function newChat(db: BareDb, id: bigint): Promise<void> {
  await addChat(db, { id });
}

const prove = (db: BareDb, chatId: bigint, proven: IdRange) => storePage(db, page(chatId, [], { proven }));

function ids(ranges: readonly IdRange[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: Number(to - from) + 1 }, (_, at) => Number(from) + at));
}

/** The ids, each once, and ranges that neither touch nor overlap. */
function expectIs(found: readonly IdRange[], proven: readonly IdRange[]): void {
  expect(ids(found)).toEqual([...new Set(ids(proven))].sort((a, b) => a - b));
  for (const [at, { from }] of found.entries()) expect(at === 0 || found[at - 1]!.to + 1n < from).toBe(true);
}

test('ranges merge like sets, and each chat has its own', async ({ db }) => {
  let chatId = 0n;
  await newChat(db, -1n);
  await prove(db, -1n, { from: 5n, to: 7n });
  await fc.assert(
    fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 10 }), async (proven) => {
      await newChat(db, ++chatId);
      for (const one of proven) await prove(db, chatId, one);
      expectIs((await coverageOf(db, [chatId])).get(chatId)!, proven);
    }),
    { numRuns: 60 },
  );
  expect((await coverageOf(db, [-1n])).get(-1n)).toEqual([{ from: 5n, to: 7n }]);
});

test('concurrent writers to one chat lose nothing', async ({ db }) => {
  let chatId = 0n;
  await fc.assert(
    fc.asyncProperty(fc.array(range, { minLength: 6, maxLength: 16 }), async (proven) => {
      await newChat(db, ++chatId);
      await Promise.all(proven.map((one) => prove(db, chatId, one)));
      expectIs((await coverageOf(db, [chatId])).get(chatId)!, proven);
    }),
    { numRuns: 20 },
  );
});

test('ids far beyond 2^53 keep every digit', async ({ db }) => {
  await newChat(db, -1_002_147_483_648_999n);
  const from = 2n ** 62n;
  await prove(db, -1_002_147_483_648_999n, { from, to: from + 1n });
  await prove(db, -1_002_147_483_648_999n, { from: from + 2n, to: from + 3n });
  const found = await coverageOf(db, [-1_002_147_483_648_999n, 4n]);
  expect(found.get(-1_002_147_483_648_999n)).toEqual([{ from, to: from + 3n }]);
  expect(found.get(4n)).toEqual([]);
});
