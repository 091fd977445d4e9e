/**
 * pages-ahead.ts: the pages of a chat that are requested before their turn. The offset of the next one is known as soon as a page has
 * arrived. Those after it have to be counted from there, as nobody knows their ids: each begins with the last message of the page before
 * it. If it does not (something was deleted meanwhile), it is dropped: what lies between the two is not known.
 */
import type { HistorySource, PageOf } from './read-gap.js';

interface Requested<P> {
  page: Promise<P>;
  /** Counted from another page, so it must begin with the offset itself. */
  isCounted: boolean;
}

export class PagesAhead<P extends PageOf> {
  private requested: Requested<P>[] = [];

  /** `most`: pages to request ahead. */
  constructor(
    private readonly source: Pick<HistorySource<P>, 'below'>,
    private readonly pageLimit: number,
    private readonly most: number,
  ) {}

  /** The page below an offset, if one was requested ahead; otherwise it is requested now. */
  async next(offset: bigint, size: number): Promise<P> {
    const [first, ...rest] = this.requested;
    this.requested = rest;
    if (first) {
      const page = await first.page;
      if (!first.isCounted || page.ids.includes(offset)) return page;
      this.requested = [];
    }
    return await this.source.below(offset, size, 0);
  }

  /** Requests the next pages, which begin below `offset`. After a page that is not full, more than one would hardly find anything. */
  request(offset: bigint, size: number, { isFull, left }: { isFull: boolean; left: number }): void {
    const step = this.pageLimit - 1; // one message is in both pages
    const isCounted = isFull && this.most > 1 && step > 0;
    const pages = isCounted ? Math.min(this.most, Math.ceil(left / step)) : 1;
    while (this.requested.length < pages) {
      const skip = isCounted ? step * this.requested.length - 1 : 0;
      const page = this.source.below(offset, isCounted ? this.pageLimit : size, skip);
      page.catch(() => {}); // whoever waits for it gets the error; it may also be dropped
      this.requested.push({ page, isCounted });
    }
  }
}
