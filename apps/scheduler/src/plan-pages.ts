/** plan-pages.ts: which history is still owed? Pure: rows in, jobs out. */
import { type IdRange, subtract, wantedRange } from '@tgsync/shared/coverage';
import type { ChatRow } from '@tgsync/shared/db';
import { historyTitle, type PlannedJob } from '@tgsync/shared/jobs';
import { hasOwnMessageIds } from '@tgsync/shared/peer-id';

/**
 * Jobs for the owed part of a chat, newest first. Channels and supergroups have their own dense ids: one job per window of `limit` ids,
 * many at a time. Other chats share their ids: one chain, which knows where to continue.
 */
export function planPages(chat: ChatRow, covered: readonly IdRange[], limit: number, most: number): PlannedJob[] {
  const wanted = wantedRange(chat);
  const owed = wanted ? subtract(wanted, covered) : [];
  if (owed.length === 0) return [];
  if (hasOwnMessageIds(chat.id)) return windows(owed, BigInt(limit), most).map((it) => page(chat, it.part, it, limit));
  return [page(chat, 'chain', { from: owed[0]!.from, to: owed.at(-1)!.to }, limit)];
}

function page(chat: ChatRow, part: string, { from, to }: IdRange, limit: number): PlannedJob {
  return {
    name: 'history-page',
    payload: { chatId: chat.id, part, from, to, limit },
    title: historyTitle(chat.title, from, to),
  };
}

/** Windows start at fixed ids: a half-read window is still the same job. */
function windows(owed: readonly IdRange[], size: bigint, most: number): (IdRange & { part: string })[] {
  const found = new Map<bigint, IdRange>();
  for (const range of owed.toReversed()) {
    for (let index = (range.to - 1n) / size; index >= (range.from - 1n) / size; index--) {
      if (!found.has(index) && found.size === most) return named(found, size);
      const low = index * size + 1n;
      const high = low + size - 1n;
      const from = range.from > low ? range.from : low;
      const to = range.to < high ? range.to : high;
      found.set(index, { from, to: found.get(index)?.to ?? to });
    }
  }
  return named(found, size);
}

function named(found: ReadonlyMap<bigint, IdRange>, size: bigint): (IdRange & { part: string })[] {
  return [...found].map(([index, range]) => ({ ...range, part: `${size}x${index}` }));
}
