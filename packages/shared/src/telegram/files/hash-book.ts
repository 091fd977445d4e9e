/**
 * hash-book.ts: the hashes of one file as far as they were requested: page by page, each page once, several in parallel, so that they
 * arrive along with the bytes.
 */
import { countUpTo, type FileHash, hashAt, type Range } from './hashes.js';

export class HashBook {
  /** In order. */
  private readonly known: FileHash[] = [];
  private readonly asked = new Map<number, Promise<void>>();
  /** How many bytes the first answer covered; the others will be like it. */
  private page = 0;

  /** `ask` returns hashes from a byte on, as many as it likes, and none if there are none. */
  constructor(
    private readonly ask: (offset: number) => Promise<readonly FileHash[]>,
    first: readonly FileHash[] = [],
  ) {
    if (first.length > 0) this.asked.set(0, Promise.resolve());
    this.add(first);
  }

  add(hashes: readonly FileHash[]): void {
    for (const it of hashes) {
      if (it.from < 0 || it.to <= it.from) continue;
      const place = countUpTo(this.known, it.from);
      const isKnown = this.known[place - 1]?.from === it.from;
      this.known.splice(isKnown ? place - 1 : place, isKnown ? 1 : 0, it);
    }
    if (this.page === 0 && this.known[0]?.from === 0) this.page = this.known.at(-1)!.to;
  }

  /** The hash that covers a byte; undefined if the server has none. */
  async at(offset: number): Promise<FileHash | undefined> {
    const starts = [() => 0, () => offset - (offset % Math.max(1, this.page)), () => offset];
    for (const start of starts) {
      const known = hashAt(this.known, offset);
      if (known) return known;
      await this.askOnce(start());
    }
    return hashAt(this.known, offset);
  }

  /** The hashes for a range, in order; they may extend beyond it on both sides. */
  async covering({ from, to }: Range): Promise<FileHash[]> {
    const found: FileHash[] = [];
    for (let offset = from; offset < to; offset = found.at(-1)!.to) {
      const hash = await this.at(offset);
      if (!hash) break;
      found.push(hash);
    }
    return found;
  }

  private async askOnce(start: number): Promise<void> {
    let asking = this.asked.get(start);
    if (!asking) {
      asking = this.ask(start).then((hashes) => this.add(hashes));
      this.asked.set(start, asking);
      asking.catch(() => this.asked.delete(start));
    }
    await asking;
  }
}
