/**
 * dialogs-walker.ts: walks the account's dialogs to find chats that are not known yet. One walk at a time, however many callers ask. A
 * walk interrupted by a flood wait resumes where it stopped, and a finished one is not repeated for a minute.
 */
import { type Db, rememberChats } from '../db/index.js';
import { type Account, DialogsWalk } from '../telegram/index.js';

const againMs = 60_000;

export class DialogsWalker {
  private walk: DialogsWalk | undefined;
  private walking: Promise<void> | undefined;
  private endedAt = -Infinity;
  /** Dialogs whose identity this version cannot read, and why. */
  private readonly unread = new Map<bigint, string>();

  constructor(private readonly deps: { account: Account; db: Db }) {}

  /** Walks until `isEnough` or to the end, and stores what it finds in Postgres. Throws a RetryAfterError on a flood wait. */
  async walkUntil(isEnough: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!(await isEnough())) {
      if (!this.walk && performance.now() - this.endedAt < againMs) return;
      this.walking ??= this.nextPage(signal).finally(() => (this.walking = undefined));
      await this.walking;
    }
  }

  /** Why a chat among the dialogs is not known. */
  whyUnread(chatId: bigint): string | undefined {
    return this.unread.get(chatId);
  }

  private async nextPage(signal: AbortSignal): Promise<void> {
    const { account, db } = this.deps;
    this.walk ??= new DialogsWalk(account);
    const dialogs = await this.walk.next(signal, (page) =>
      rememberChats(
        db,
        account.selfId,
        page.flatMap((it) => it.facts ?? []),
      ),
    );
    for (const { id, facts, unread } of dialogs) {
      if (facts || !unread) this.unread.delete(id);
      else this.unread.set(id, unread);
    }
    if (!this.walk.isDone) return;
    this.walk = undefined;
    this.endedAt = performance.now();
  }
}
