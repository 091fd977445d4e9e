/** fresh-folders.ts: the folders of chats that were in order a moment ago: many small files come into one within a second. */
import { plainFolders } from './plain.js';

/** More than are in use within a moment; the others need not be remembered. */
const most = 100;

export class FreshFolders {
  private readonly checkedAt = new Map<string, number>();

  constructor(private readonly freshMs: number) {}

  /** Creates a folder below `root`, as {@link plainFolders} does. Returns false if it was checked a moment ago, and is not checked again. */
  async check(root: string, within: string): Promise<boolean> {
    const now = performance.now();
    if (now - (this.checkedAt.get(within) ?? -Infinity) < this.freshMs) return false;
    await plainFolders(root, within);
    if (this.checkedAt.size >= most) this.forget();
    this.checkedAt.set(within, now);
    return true;
  }

  /** After a folder turned out to be missing. */
  forget(): void {
    this.checkedAt.clear();
  }
}
