/** coverage: arithmetic of message id ranges, both ends inclusive. Pure. Lists of ranges are ascending and do not touch. */

export interface IdRange {
  from: bigint;
  to: bigint;
}

/** The parts of `whole` that are in none of `parts`. */
export function subtract(whole: IdRange, parts: readonly IdRange[]): IdRange[] {
  const left: IdRange[] = [];
  let from = whole.from;
  for (const part of parts) {
    if (part.to < from) continue;
    if (part.from > whole.to) break;
    if (part.from > from) left.push({ from, to: part.from - 1n });
    from = part.to + 1n;
  }
  if (from <= whole.to) left.push({ from, to: whole.to });
  return left;
}

/** The same ids as ascending ranges that do not touch. */
export function union(ranges: readonly IdRange[]): IdRange[] {
  const merged: IdRange[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last && from <= last.to + 1n) last.to = to > last.to ? to : last.to;
    else merged.push({ from, to });
  }
  return merged;
}

/** The ids of a chat that are wanted and exist: the configured range (0: no limit on that side), cut off at the newest message. */
export function wantedRange(chat: {
  rangeFrom: bigint;
  rangeTo: bigint;
  topMessage: bigint | null;
}): IdRange | undefined {
  const top = chat.topMessage ?? 0n;
  const from = chat.rangeFrom > 1n ? chat.rangeFrom : 1n;
  const to = chat.rangeTo > 0n && chat.rangeTo < top ? chat.rangeTo : top;
  return from <= to ? { from, to } : undefined;
}

/** How many ids the ranges contain. */
export function sizeOf(ranges: readonly IdRange[]): bigint {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
}
