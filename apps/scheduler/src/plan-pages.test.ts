/** What is owed becomes jobs: all of it, nothing else, never beyond the capacity, and fairly. */
import { type IdRange, subtract, wantedRange } from '@tgsync/shared/coverage';
import type { ChatRow } from '@tgsync/shared/db';
import { jobs, type PlannedJob } from '@tgsync/shared/jobs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mixFairly } from './mix-fairly.js';
import { planPages } from './plan-pages.js';

const channelId = -1_000_000_000_012n;
const chat = (id: bigint, topMessage: bigint | null, rangeFrom = 0n, rangeTo = 0n) =>
  ({ id, topMessage, rangeFrom, rangeTo }) as ChatRow;

function pagesOf(planned: readonly PlannedJob[]) {
  return planned.map((it) => {
    if (it.name !== 'history-page') throw new Error(`${it.name} reads no history`);
    return { ...it.payload, key: jobs[it.name].key(it.payload) };
  });
}

const idsOf = (ranges: readonly IdRange[]): bigint[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index)));

/** Ranges already read, ascending and not touching. */
const coverages = fc.array(fc.tuple(fc.bigInt(1n, 30n), fc.bigInt(0n, 40n)), { maxLength: 10 }).map((steps) => {
  let end = -1n;
  return steps.map(([gap, more]) => {
    const from = end + gap + 1n;
    end = from + more;
    return { from, to: end };
  });
});
const chats = fc
  .record({
    id: fc.constantFrom(channelId, 5n, -9n),
    top: fc.option(fc.bigInt(0n, 400n)),
    from: fc.oneof(fc.constant(0n), fc.bigInt(0n, 300n)),
    to: fc.oneof(fc.constant(0n), fc.bigInt(0n, 300n)),
  })
  .map(({ id, top, from, to }) => chat(id, top, from, to));
const limits = fc.integer({ min: 1, max: 120 });

const owedOf = (row: ChatRow, covered: readonly IdRange[]): IdRange[] => {
  const wanted = wantedRange(row);
  return wanted ? subtract(wanted, covered) : [];
};

test('with enough capacity the jobs cover exactly what is owed, and do not overlap', () => {
  fc.assert(
    fc.property(chats, coverages, limits, (row, covered, limit) => {
      const owed = new Set(idsOf(owedOf(row, covered)));
      const pages = pagesOf(planPages(row, covered, limit, 1000));
      const planned = idsOf(pages);
      expect(new Set(planned).size).toBe(planned.length);
      expect([...owed].filter((id) => !planned.includes(id))).toEqual([]);
      for (const { chatId, from, to, limit: told } of pages) {
        expect([chatId, told]).toEqual([row.id, limit]);
        expect([owed.has(from), owed.has(to)]).toEqual([true, true]);
      }
    }),
  );
});

test('windows of a channel have at most `limit` ids, newest first, each with its own key', () => {
  fc.assert(
    fc.property(chats, coverages, limits, (row, covered, limit) => {
      const pages = pagesOf(planPages({ ...row, id: channelId }, covered, limit, 1000));
      for (const { from, to } of pages) expect((from - 1n) / BigInt(limit)).toBe((to - 1n) / BigInt(limit));
      for (const [index, page] of pages.entries()) if (index > 0) expect(page.to < pages[index - 1]!.from).toBe(true);
      expect(new Set(pages.map((it) => it.key)).size).toBe(pages.length);
    }),
  );
});

test('with little capacity there are at most `most`, the newest ones', () => {
  fc.assert(
    fc.property(chats, coverages, limits, fc.integer({ min: 1, max: 6 }), (row, covered, limit, most) => {
      const all = planPages(row, covered, limit, 1000);
      expect(planPages(row, covered, limit, most)).toEqual(all.slice(0, most));
    }),
  );
});

test('no capacity, no windows', () => {
  expect(planPages(chat(channelId, 400n), [], 100, 0)).toEqual([]);
});

test('a window keeps its key while it is being read, in any order, and is gone afterwards', () => {
  fc.assert(
    fc.property(
      chats,
      coverages,
      limits,
      fc.nat(),
      fc.tuple(fc.nat(), fc.nat()),
      (some, covered, limit, which, ends) => {
        const row = { ...some, id: channelId };
        const before = pagesOf(planPages(row, covered, limit, 1000));
        fc.pre(before.length > 0);
        const page = before[which % before.length]!;
        const [from, to] = ends
          .map((it) => page.from + (BigInt(it) % (page.to - page.from + 1n)))
          .sort((a, b) => Number(a - b));
        const left = owedOf(row, covered).flatMap((it) => subtract(it, [{ from: from!, to: to! }]));
        const coveredNow = subtract({ from: 0n, to: 1000n }, left);
        const inPage = left.some((it) => it.to >= page.from && it.from <= page.to);
        const after = pagesOf(planPages(row, coveredNow, limit, 1000));
        expect(after.map((it) => it.key)).toEqual(before.filter((it) => it !== page || inPage).map((it) => it.key));
      },
    ),
  );
});

test('the last window within the capacity is complete, even if its owed ranges are in pieces', () => {
  const read = [
    { from: 120n, to: 130n },
    { from: 190n, to: 195n },
  ];
  expect(pagesOf(planPages(chat(channelId, 200n), read, 100, 1))).toMatchObject([{ from: 101n, to: 200n }]);
});

test('a new message does not change the keys of what is owed already', () => {
  const keys = (top: bigint) => pagesOf(planPages(chat(channelId, top), [], 100, 1000)).map((it) => it.key);
  expect(keys(250n)).toHaveLength(3);
  expect(keys(299n)).toEqual(keys(250n));
  expect(keys(301n).slice(1)).toEqual(keys(250n));
});

test('windows start at fixed ids, and a configured range cuts them', () => {
  const windows = (row: ChatRow, covered: IdRange[] = []) =>
    pagesOf(planPages(row, covered, 100, 9)).map(({ from, to }) => [Number(from), Number(to)]);
  expect(windows(chat(channelId, 250n))).toEqual([
    [201, 250],
    [101, 200],
    [1, 100],
  ]);
  expect(windows(chat(channelId, 250n, 150n, 220n))).toEqual([
    [201, 220],
    [150, 200],
  ]);
  expect(
    windows(chat(channelId, 250n), [
      { from: 120n, to: 130n },
      { from: 190n, to: 250n },
    ]),
  ).toEqual([
    [101, 189],
    [1, 100],
  ]);
  expect(windows(chat(channelId, 250n), [{ from: 1n, to: 250n }])).toEqual([]);
});

test.each([5n, -9n])('chat %s shares its ids with others: one chain for everything owed', (id) => {
  const covered = [
    { from: 50n, to: 60n },
    { from: 90n, to: 100n },
  ];
  expect(pagesOf(planPages(chat(id, 100n), covered, 10, 1000))).toMatchObject([
    { part: 'chain', from: 1n, to: 89n, limit: 10 },
  ]);
  expect(planPages(chat(id, 100n), [{ from: 1n, to: 100n }], 10, 1000)).toEqual([]);
});

test('a huge chat is planned up to the capacity, and no further', () => {
  const pages = pagesOf(planPages(chat(channelId, 2n ** 31n - 1n), [], 1, 3));
  expect(pages.map((it) => it.from)).toEqual([2n ** 31n - 1n, 2n ** 31n - 2n, 2n ** 31n - 3n]);
});

test('mixed fairly: each list keeps its order, and never gets two turns more than another one that waits', () => {
  const lists = fc.array(fc.array(fc.nat(), { maxLength: 20 }), { maxLength: 8 });
  fc.assert(
    fc.property(lists, (some) => {
      const tagged = some.map((list, owner) => list.map((value) => ({ owner, value })));
      const mixed = mixFairly(tagged);
      const turns = some.map(() => 0);
      for (const it of mixed) {
        expect(it).toBe(tagged[it.owner]![turns[it.owner]!++]);
        const waiting = turns.filter((had, owner) => had < some[owner]!.length);
        for (const had of waiting) expect(had).toBeGreaterThanOrEqual(turns[it.owner]! - 1);
      }
      expect(turns).toEqual(some.map((list) => list.length));
    }),
  );
});
