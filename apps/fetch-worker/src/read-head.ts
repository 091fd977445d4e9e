/**
 * read-head.ts: the beginning of a channel that its history does not show. It may be deleted or merely hidden: requested by id, all of it
 * may be there (a known Telegram bug). Samples by id decide: if they find something, everything is read by id; otherwise it is recorded
 * as not visible.
 */
import { type IdRange, sizeOf } from '@tgsync/shared/coverage';
import { type Answer, pageLimit } from '@tgsync/shared/telegram';

/** Fewer ids than this are assumed deleted: the first messages of a channel often are. */
const bigHead = 100n;

export function isBigHead(range: IdRange): boolean {
  return sizeOf([range]) >= bigHead;
}

/** Yields what was read by id with the range it proves, newest first; nothing if samples find nothing. */
export async function* readHead<A extends Answer>(
  range: IdRange,
  byId: (ids: readonly number[]) => Promise<A>,
): AsyncGenerator<{ answer: A; proven: IdRange }> {
  const found = await byId(samples(range));
  if (found.messages.length === 0) return;
  const step = BigInt(pageLimit);
  for (let { to } = range; to >= range.from; to -= step) {
    const from = to - step + 1n > range.from ? to - step + 1n : range.from;
    const ids = Array.from({ length: Number(to - from + 1n) }, (_, index) => Number(from) + index);
    yield { answer: await byId(ids), proven: { from, to } };
  }
}

/** As many ids as one call takes, spread evenly over the range, including its ends. */
function samples({ from, to }: IdRange): number[] {
  const steps = pageLimit - 1;
  const ids = Array.from({ length: pageLimit }, (_, index) => from + ((to - from) * BigInt(index)) / BigInt(steps));
  return [...new Set(ids)].map(Number);
}
