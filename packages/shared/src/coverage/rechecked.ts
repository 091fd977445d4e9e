/** rechecked.ts: since when ranges of ids are known to be as they were read again. Pure. */

/** Both ends inclusive. Each of its messages was read again after `since`. */
export interface RecheckedRange {
  from: bigint;
  to: bigint;
  since: Date;
}

/** Older times are kept by month, so that years of rounds leave some dozens of ranges. */
const exactMs = 31 * 86_400_000;

/**
 * The ranges with another one laid over them: ascending, none overlapping, and those that touch and have the same time are one. What was read
 * more than a month before `now` counts as read when its month began.
 */
export function addRechecked(
  ranges: readonly RecheckedRange[],
  added: RecheckedRange,
  now: Date,
): readonly RecheckedRange[] {
  const before = ranges.flatMap((it) => parts(it, added));
  const all = [...before, added].toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const merged: RecheckedRange[] = [];
  for (const it of all) {
    const since = rounded(it.since, now);
    const last = merged.at(-1);
    if (last && last.to + 1n === it.from && last.since.getTime() === since.getTime()) last.to = it.to;
    else merged.push({ from: it.from, to: it.to, since });
  }
  return merged;
}

/** What another range leaves of one. */
function parts(it: RecheckedRange, added: RecheckedRange): RecheckedRange[] {
  if (it.to < added.from || it.from > added.to) return [it];
  return [
    ...(it.from < added.from ? [{ ...it, to: added.from - 1n }] : []),
    ...(it.to > added.to ? [{ ...it, from: added.to + 1n }] : []),
  ];
}

function rounded(since: Date, now: Date): Date {
  if (now.getTime() - since.getTime() <= exactMs) return since;
  return new Date(Date.UTC(since.getUTCFullYear(), since.getUTCMonth(), 1));
}
