/**
 * read-gap.ts: reads one gap of a chat's history, newest first, and knows what each answer proves. Pure except for the queries it makes. A
 * page from offset O proves [lowest id in it, O - 1] and nothing below. An empty page proves nothing: the end is proven from the other
 * side, by the first message at or above the gap's low end. While the caller stores a page, the next ones are already on their way.
 */
import type { IdRange } from '@tgsync/shared/coverage';
import { PagesAhead } from './pages-ahead.js';

/** The queries a chat supports; answers are message ids, in any order. */
export interface HistorySource<P> {
  /** At most `limit` messages below `offset`, the newest but for the first `skip`; -1: and the first at or above it. */
  below(offset: bigint, limit: number, skip: number): Promise<P>;
  /** The first message at or above `id`, if the server finds one. */
  firstFrom(id: bigint): Promise<P>;
  /** The newest message of the chat. */
  newest(): Promise<P>;
}

export interface PageOf {
  ids: bigint[];
}

export interface Reading {
  /** Messages per answer. */
  pageLimit: number;
  /** The chat has its own ids, with few missing. */
  denseIds: boolean;
  /** How many pages to request ahead at most. */
  ahead: number;
  /** The caller stops after about so many messages: no page is requested ahead in vain. */
  most: number;
}

/** An answer, and the range that it proves to have been read. */
export interface Step<P> {
  page: P;
  proven: IdRange | null;
  /** There was nothing: neither in the proven range nor, as far as the server says, below it. */
  isEmpty?: boolean;
}

/** Yields every answer with its proof until the gap is read. */
export async function* readGap<P extends PageOf>(
  gap: IdRange,
  source: HistorySource<P>,
  { pageLimit, denseIds, ahead, most }: Reading,
): AsyncGenerator<Step<P>> {
  let { from } = gap;
  let offset = gap.to + 1n;
  let left = most;
  const sizeAt = (below: bigint) => pageSize(from, below, pageLimit, denseIds);
  const pages = new PagesAhead(source, pageLimit, ahead);
  while (offset > from) {
    const page = await pages.next(offset, sizeAt(offset));
    const below = page.ids.filter((it) => it < offset);
    if (below.length > 0) {
      const lowest = least(below);
      const low = lowest > from ? lowest : from;
      left -= below.length;
      if (low > from && left > 0) pages.request(low, sizeAt(low), { isFull: page.ids.length >= pageLimit, left });
      yield { page, proven: { from: low, to: offset - 1n } };
      offset = low;
      continue;
    }
    const end = await proveEnd({ from, to: offset - 1n }, source);
    yield end;
    from = end.proven!.to + 1n;
  }
}

/** Dense ids: one more than the gap can hold, as a message below the gap proves its end without another query. */
function pageSize(from: bigint, offset: bigint, pageLimit: number, denseIds: boolean): number {
  const rest = offset - from + 1n;
  return denseIds && rest < BigInt(pageLimit) ? Number(rest) : pageLimit;
}

async function proveEnd<P extends PageOf>(rest: IdRange, source: HistorySource<P>): Promise<Step<P>> {
  const page = await source.firstFrom(rest.from);
  const above = page.ids.filter((it) => it >= rest.from);
  if (above.length > 0) {
    const first = least(above);
    // There is none between the low end and this message. If it lies in the gap, the empty answer was wrong: continue above it.
    const isEmpty = first > rest.to;
    return { page, proven: { from: rest.from, to: isEmpty ? rest.to : first }, isEmpty };
  }
  const newest = await source.newest();
  const top = newest.ids.reduce((most, it) => (it > most ? it : most), 0n);
  if (top > 0n && top < rest.from) return { page: newest, proven: rest, isEmpty: true };
  throw new Error(`Telegram's answers about messages ${rest.from} to ${rest.to} contradict each other`);
}

function least(ids: readonly bigint[]): bigint {
  return ids.reduce((low, it) => (it < low ? it : low));
}
