/** coverage: arithmetic of message id ranges, both ends inclusive. Pure. Lists of ranges are ascending and do not touch. */
export { addRechecked, type RecheckedRange } from './rechecked.js';

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

export interface WantedOfChat {
  /** 0: no limit on that side. */
  rangeFrom: bigint;
  rangeTo: bigint;
  topMessage: bigint | null;
  /** The wanted period; null: no limit on that side. */
  since?: Date | null;
  until?: Date | null;
  /** The first and last id of the period, and when a survey looked them up. */
  sinceId?: bigint | null;
  untilId?: bigint | null;
  boundsAt?: Date | null;
}

const hasPeriod = ({ since, until }: WantedOfChat) => Boolean(since ?? until);

/**
 * The ids of a chat that are wanted and exist: of the configured range and period, up to the newest message. None until a survey has looked
 * up which ids the period has.
 */
export function wantedRange(chat: WantedOfChat): IdRange | undefined {
  if (lacksBounds(chat)) return undefined;
  const [sinceId, untilId] = hasPeriod(chat) ? [chat.sinceId, chat.untilId] : [null, null];
  const starts = [1n, chat.rangeFrom, sinceId ?? 1n];
  const ends = [chat.topMessage ?? 0n, ...(chat.rangeTo > 0n ? [chat.rangeTo] : []), untilId ?? []].flat();
  const from = starts.reduce((a, b) => (a > b ? a : b));
  const to = ends.reduce((a, b) => (a < b ? a : b));
  return from <= to ? { from, to } : undefined;
}

/** Whether it is not known yet which ids the wanted period has. */
export function lacksBounds(chat: WantedOfChat): boolean {
  return hasPeriod(chat) && !chat.boundsAt;
}

/** Whether a survey has to look up the ids of the wanted period: it is new, or has ended since. */
export function needsBounds(chat: WantedOfChat, now: Date): boolean {
  if (!hasPeriod(chat)) return false;
  const { until, boundsAt } = chat;
  return !boundsAt || (until !== undefined && until !== null && boundsAt < until && until <= now);
}

/** How many ids the ranges contain. */
export function sizeOf(ranges: readonly IdRange[]): bigint {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
}
