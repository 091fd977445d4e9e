/** links.ts: the links of a page of media, grouped by media, in pages of their own: a sticker may be in a hundred thousand messages. */
import { type CheckedLink, type Db, linksToCheck, type MediaKind } from '@tgsync/shared/db';

const pageSize = 2000;

export class Links {
  private page: CheckedLink[] = [];
  private at = 0;
  private ended = false;

  constructor(
    private readonly db: Db,
    private readonly kind: MediaKind,
    /** Ascending. */
    private readonly ids: readonly bigint[],
  ) {}

  /** The links of one media; media must be requested in order. */
  async *of(id: bigint): AsyncGenerator<CheckedLink> {
    for (let next = await this.peek(); next && next.mediaId <= id; next = await this.peek()) {
      this.at++;
      if (next.mediaId === id) yield next;
    }
  }

  private async peek(): Promise<CheckedLink | undefined> {
    if (this.at === this.page.length && !this.ended) {
      this.page = await linksToCheck(this.db, this.kind, this.ids, this.page.at(-1), pageSize);
      this.at = 0;
      this.ended = this.page.length < pageSize;
    }
    return this.page[this.at];
  }
}
