/** dialogs-once.ts: reads the account's dialogs when a chat is not known yet, at most once a minute however many ask. */
import { type Db, rememberChats } from '../db/index.js';
import { type Account, type Dialog, listDialogs } from '../telegram/index.js';

const againMs = 60_000;

export function dialogsOnce({ account, db }: { account: Account; db: Db }): (signal: AbortSignal) => Promise<void> {
  let last: { at: number; reading: Promise<void> } | undefined;
  const read = async (signal: AbortSignal) => {
    const dialogs: Dialog[] = [];
    for await (const dialog of listDialogs(account, signal)) dialogs.push(dialog);
    await rememberChats(db, dialogs);
  };
  return async (signal) => {
    if (!last || performance.now() - last.at > againMs) last = { at: performance.now(), reading: read(signal) };
    try {
      await last.reading;
    } catch (error) {
      last = undefined;
      throw error;
    }
  };
}
