/**
 * dialogs-walker.ts: looks through the account's dialogs for chats that are not known yet. One walk at a time, however many ask; a walk
 * that Telegram asked to wait goes on where it was, and one that ended is not begun again for a minute.
 */
import { type Db, rememberChats } from '../db/index.js';
import { type Account, DialogsWalk } from '../telegram/index.js';

const againMs = 60_000;

export class DialogsWalker {
  private walk: DialogsWalk | undefined;
  private walking: Promise<void> | undefined;
  private endedAt = -Infinity;
  /** Dialogs of which this version cannot read who they are, and why. */
  private readonly unread = new Map<bigint, string>();

  constructor(private readonly deps: { account: Account; db: Db }) {}

  /** Walks until `isEnough` or to the end; what it finds is in Postgres then. Throws a RetryAfterError where Telegram asks to wait. */
  async look(isEnough: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!(await isEnough())) {
      if (!this.walk && performance.now() - this.endedAt < againMs) return;
      this.walking ??= this.nextPage(signal).finally(() => (this.walking = undefined));
      await this.walking;
    }
  }

  /** Why a chat that is among the dialogs is not known. */
  whyUnread(chatId: bigint): string | undefined {
    return this.unread.get(chatId);
  }

  private async nextPage(signal: AbortSignal): Promise<void> {
    this.walk ??= new DialogsWalk(this.deps.account);
    const dialogs = await this.walk.next(signal);
    for (const { id, facts, unread } of dialogs) {
      if (facts || !unread) this.unread.delete(id);
      else this.unread.set(id, unread);
    }
    await rememberChats(
      this.deps.db,
      dialogs.flatMap((it) => it.facts ?? []),
    );
    if (!this.walk.isDone) return;
    this.walk = undefined;
    this.endedAt = performance.now();
  }
}
