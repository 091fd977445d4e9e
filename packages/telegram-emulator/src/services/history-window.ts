/**
 * history-window.ts: which messages of a list a page contains (core.telegram.org/api/offsets). Pure arithmetic.
 * The offset is the position of `offset_id` plus `add_offset`; max_id and min_id only filter the page afterwards.
 */

/** How a client asks for a page, in the schema's names. */
export interface WindowQuery {
  readonly offset_id: number;
  readonly offset_date: number;
  readonly add_offset: number;
  readonly limit: number;
}

/** A list of messages from newest to oldest, as far as paging needs to know it. */
export interface PagedList {
  readonly size: number;
  countFrom(id: number): number;
  countSince(date: number): number;
}

/** Positions from the newest: [start, end). */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** At most 100; zero asks for the server's default page size. */
export const pageLimit = (limit: number): number => (limit <= 0 ? 20 : Math.min(limit, 100));

/** The positions on a page. */
export function historyWindow(list: PagedList, query: WindowQuery): Window {
  const from = query.offset_id
    ? list.countFrom(query.offset_id)
    : query.offset_date
      ? list.countSince(query.offset_date)
      : 0;
  const start = from + query.add_offset;
  const clip = (position: number): number => Math.max(0, Math.min(list.size, position));
  return { start: clip(start), end: clip(start + pageLimit(query.limit)) };
}
