/**
 * Reading a gap, compared with a model of Telegram over random sets of ids: exactly what counts as read is read, and all of it, even from
 * a server that sends short, empty, unordered or duplicated answers.
 */
import { type IdRange, sizeOf, subtract } from '@tgsync/shared/coverage';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistorySource, type PageOf, readGap } from './read-gap.js';

type Question = 'below' | 'firstFrom' | 'newest';
interface Asked {
  question: Question;
  id: bigint;
  limit: number;
  skip: number;
  answer: bigint[];
}

interface Page extends PageOf {
  asked: Asked;
}

/** Telegram's history of one chat. `distort` may change the answer (newest first) to a request for messages below an id. */
class Server implements HistorySource<Page> {
  readonly asked: Asked[] = [];
  constructor(
    readonly ids: bigint[],
    private readonly distort: (answer: bigint[]) => bigint[] = (it) => it,
  ) {}

  async below(offset: bigint, limit: number, skip: number): Promise<Page> {
    const all = this.ids.toSorted(descending);
    const start = all.filter((it) => it >= offset).length + skip;
    const honest = all.slice(Math.max(0, start), Math.max(0, start + limit));
    return this.answer('below', offset, limit, this.distort(honest), skip);
  }

  async firstFrom(id: bigint): Promise<Page> {
    const above = this.ids.filter((it) => it >= id).toSorted(descending);
    return this.answer('firstFrom', id, 1, above.slice(-1));
  }

  async newest(): Promise<Page> {
    return this.answer('newest', 0n, 1, this.ids.toSorted(descending).slice(0, 1));
  }

  private answer(question: Question, id: bigint, limit: number, answer: bigint[], skip = 0): Page {
    const asked = { question, id, limit, skip, answer };
    this.asked.push(asked);
    if (this.asked.length > 5000) throw new Error('this does not end');
    return { ids: answer, asked };
  }
}

const descending = (a: bigint, b: bigint) => (a > b ? -1 : a < b ? 1 : 0);
const least = (ids: readonly bigint[]) => ids.reduce((low, it) => (it < low ? it : low));
const within = (ids: readonly bigint[], { from, to }: IdRange) => ids.filter((it) => it >= from && it <= to);

/** Reads a gap and checks at every step that no proof exceeds its answer; returns what was seen. */
async function readAll(
  gap: IdRange,
  server: Server,
  pageLimit: number,
  denseIds: boolean,
  ahead = 1,
): Promise<Set<bigint>> {
  const seen = new Set<bigint>();
  let left: IdRange[] = [gap];
  for await (const { page, proven } of readGap(gap, server, { pageLimit, denseIds, ahead, most: Infinity })) {
    for (const id of page.ids) seen.add(id);
    if (!proven) continue;
    const { question, id, answer, skip } = page.asked;
    expect(subtract(proven, [gap]), 'nothing outside the gap').toEqual([]);
    if (question === 'below') {
      if (skip !== 0) expect(answer, 'a counted page begins where the one before it ended').toContain(proven.to + 1n);
      const told = answer.filter((it) => it < id);
      expect(told.length).toBeGreaterThan(0); // an empty answer proves nothing
      expect(proven.from >= least(told), 'nothing below the lowest id').toBe(true);
      expect(proven.to < id, 'nothing that was not asked for').toBe(true);
    } else if (question === 'firstFrom') {
      expect(proven.from >= id && proven.to <= least(answer)).toBe(true);
    }
    const before = sizeOf(left);
    left = left.flatMap((it) => subtract(it, [proven]));
    expect(sizeOf(left) < before, 'each proof is progress').toBe(true);
  }
  expect(left, 'the whole gap is proven').toEqual([]);
  return seen;
}

const base = 2n ** 31n - 400n; // the highest ids that there are
const idSets = fc.uniqueArray(fc.bigInt(1n, 150n), { minLength: 1, maxLength: 120 });
const gaps = fc.tuple(fc.bigInt(1n, 170n), fc.bigInt(0n, 170n)).map(([from, more]) => ({ from, to: from + more }));
const limits = fc.integer({ min: 1, max: 40 });
const aheads = fc.integer({ min: 1, max: 5 });

test('the whole gap is proven, and every message in it is seen', async () => {
  await fc.assert(
    fc.asyncProperty(
      idSets,
      gaps,
      limits,
      fc.boolean(),
      fc.constantFrom(0n, base),
      aheads,
      async (some, { from, to }, limit, dense, shift, ahead) => {
        const ids = some.map((it) => it + shift);
        const gap = { from: from + shift, to: to + shift };
        const server = new Server(ids);
        const seen = await readAll(gap, server, limit, dense, ahead);
        expect(within(ids, gap).filter((it) => !seen.has(it))).toEqual([]);
        for (const it of server.asked) expect(it.limit).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

/** The answers are distorted by these in turn, over and over. */
const distortions: Record<string, (answer: bigint[]) => bigint[]> = {
  none: (it) => it,
  empty: () => [],
  short: (it) => it.slice(0, Math.ceil(it.length / 2)),
  one: (it) => it.slice(0, 1),
  unordered: (it) => it.toReversed(),
  doubled: (it) => [...it, ...it],
  shuffled: (it) => [...it.filter((_, index) => index % 2), ...it.filter((_, index) => index % 2 === 0)],
};
const sequences = fc.array(fc.constantFrom(...Object.keys(distortions)), { minLength: 1, maxLength: 6 });

test('short, empty, unordered or duplicated answers cost time, but prove nothing wrong', async () => {
  await fc.assert(
    fc.asyncProperty(
      idSets,
      gaps,
      limits,
      fc.boolean(),
      sequences,
      aheads,
      async (ids, gap, limit, dense, sequence, ahead) => {
        let turn = 0;
        const server = new Server(ids, (it) => distortions[sequence[turn++ % sequence.length]!]!(it));
        const seen = await readAll(gap, server, limit, dense, ahead);
        expect(within(ids, gap).filter((it) => !seen.has(it))).toEqual([]);
      },
    ),
  );
});

test('messages that are deleted meanwhile cost none of the others, however many pages were requested ahead', async () => {
  await fc.assert(
    fc.asyncProperty(idSets, limits, aheads, fc.array(fc.nat(), { maxLength: 40 }), async (ids, limit, ahead, luck) => {
      let turn = 0;
      const gap = { from: 1n, to: 150n };
      const server = new Server([...ids, 151n], (it) => {
        const victim = luck[turn++ % 50];
        if (victim !== undefined && server.ids.length > 2) server.ids.splice(victim % (server.ids.length - 1), 1);
        return it;
      });
      const seen = await readAll(gap, server, limit, false, ahead);
      expect(within(server.ids, gap).filter((it) => !seen.has(it))).toEqual([]);
    }),
  );
});

const questions = (server: Server) => server.asked.map(({ question, id, limit }) => `${question} ${id} ${limit}`);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index));

test('dense ids: a window costs one request, as one message below it proves its end', async () => {
  const server = new Server(range(1, 100));
  await readAll({ from: 41n, to: 60n }, server, 100, true);
  expect(questions(server)).toEqual(['below 61 21']);
});

test('dense ids: the lowest window of a chat costs one request if its first message is in it', async () => {
  const server = new Server(range(1, 100));
  await readAll({ from: 1n, to: 20n }, server, 100, true);
  expect(questions(server)).toEqual(['below 21 21']);
});

test('the end of a chat is proven from the other side', async () => {
  const server = new Server(range(5, 7));
  await readAll({ from: 1n, to: 7n }, server, 3, false);
  expect(questions(server)).toEqual(['below 8 3', 'below 5 3', 'firstFrom 1 1']);
});

test('a gap above the newest message, left by a deleted end of the chat, is read once the newest message proves it', async () => {
  const server = new Server(range(1, 5), (it) => it.filter((id) => id > 5n));
  await readAll({ from: 6n, to: 9n }, server, 10, false);
  expect(questions(server)).toEqual(['below 10 10', 'firstFrom 6 1', 'newest 0 1']);
});

test('pages are requested ahead while the caller is busy with the one before', async () => {
  const server = new Server(range(1, 100));
  const reading = { pageLimit: 10, denseIds: false, ahead: 3, most: Infinity };
  const steps = readGap({ from: 1n, to: 100n }, server, reading);
  await steps.next();
  expect(server.asked.map(({ id, skip }) => [id, skip])).toEqual([
    [101n, 0],
    [91n, -1],
    [91n, 8],
    [91n, 17],
  ]);
  await steps.next();
  expect(server.asked.slice(4).map(({ id, skip }) => [id, skip])).toEqual([[82n, 17]]);
});

test('none is requested ahead that the caller would not read', async () => {
  const reading = { pageLimit: 10, denseIds: false, ahead: 4, most: 20 };
  const server = new Server(range(1, 100));
  const steps = readGap({ from: 1n, to: 100n }, server, reading);
  for (let page = 0; page < 2; page++) await steps.next();
  expect(server.asked.map(({ id, skip }) => [id, skip])).toHaveLength(3);
  const small = new Server(range(1, 5));
  await readAll({ from: 1n, to: 5n }, small, 10, false, 4);
  expect(small.asked).toHaveLength(1);
});

test('an empty answer in the middle does not end the reading', async () => {
  let turn = 0;
  const server = new Server(range(1, 9), (it) => (++turn === 2 ? [] : it));
  const seen = await readAll({ from: 1n, to: 9n }, server, 3, false);
  expect([...seen].toSorted(descending)).toEqual(range(1, 9).toReversed());
});

const alone = { denseIds: false, ahead: 1, most: Infinity };
const first = async (gap: IdRange, source: HistorySource<PageOf>) =>
  await readGap(gap, source, { ...alone, pageLimit: 10 }).next();
const tells = (below: bigint[], firstFrom: bigint[], newest: bigint[]): HistorySource<PageOf> => ({
  below: async () => ({ ids: below }),
  firstFrom: async () => ({ ids: firstFrom }),
  newest: async () => ({ ids: newest }),
});

test.each([
  ['no message at all, in a chat that has some by its survey', tells([], [], [])],
  ['a newest message that no request finds', tells([], [], [9n])],
  ['a newest message in the gap that no request finds', tells([], [], [5n])],
  ['a newest message at the low end of the gap', tells([], [], [3n])],
  ['a first message below the requested id', tells([], [2n], [9n])],
  ['messages that are not below the offset', tells([20n, 8n], [], [20n])],
])('answers that contradict each other prove nothing: %s', async (_what, source) => {
  await expect(first({ from: 3n, to: 7n }, source)).rejects.toThrow('messages 3 to 7 contradict each other');
});

test('messages from beyond the gap in an answer prove nothing there', async () => {
  const { value } = await first({ from: 3n, to: 7n }, tells([9n, 8n, 7n, 5n], [], []));
  expect(value).toMatchObject({ proven: { from: 5n, to: 7n } });
});

test('a failed request ends the reading with its error, after what was proven', async () => {
  const server = new Server(range(1, 9));
  const proofs: unknown[] = [];
  const failing: HistorySource<PageOf> = {
    below: async (offset, limit, skip) => {
      if (offset < 5n) throw new Error('flood');
      return await server.below(offset, limit, skip);
    },
    firstFrom: (id) => server.firstFrom(id),
    newest: () => server.newest(),
  };
  const reading = async () => {
    for await (const { proven } of readGap({ from: 1n, to: 9n }, failing, { ...alone, pageLimit: 3 }))
      proofs.push(proven);
  };
  await expect(reading()).rejects.toThrow('flood');
  expect(proofs).toEqual([
    { from: 7n, to: 9n },
    { from: 4n, to: 6n },
  ]);
});
