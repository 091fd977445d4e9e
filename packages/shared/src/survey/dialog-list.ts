/** dialog-list.ts: all dialogs of the account as one list. A walk that is interrupted by a flood wait resumes where it stopped. */
import { type Db, rememberChats } from '../db/index.js';
import { type Account, type Dialog, DialogsWalk } from '../telegram/index.js';

export class DialogList {
  private walk: DialogsWalk | undefined;
  private found: Dialog[] = [];

  constructor(private readonly deps: { account: Account; db: Db }) {}

  /** Every dialog, archived ones included, after what they tell of the chats was stored. Throws a RetryAfterError on a flood wait. */
  async complete(signal: AbortSignal): Promise<readonly Dialog[]> {
    const { account, db } = this.deps;
    for (this.walk ??= new DialogsWalk(account); !this.walk.isDone;) {
      const store = (page: readonly Dialog[]) =>
        rememberChats(
          db,
          account.selfId,
          page.flatMap((it) => it.facts ?? []),
        );
      this.found.push(...(await this.walk.next(signal, store)));
    }
    const { found } = this;
    this.walk = undefined;
    this.found = [];
    return found;
  }
}
