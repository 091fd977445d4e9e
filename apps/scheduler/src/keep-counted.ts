/** keep-counted.ts: counts chats that have changed now and then, so that the notes of what changed stay few though nobody asks for status. */
import type { Logger } from '@tgsync/shared/app';
import { countChats, type Db } from '@tgsync/shared/db';

const everyMs = 600_000;

/** Counts now and every ten minutes. Returns a function that stops it, after the count that is running. */
export function keepCounted({ db, log }: { db: Db; log: Logger }): () => Promise<void> {
  let counting: Promise<void> = Promise.resolve();
  const count = () => {
    counting = countChats(db).catch((error: unknown) => {
      log.warn({ reason: (error as Error).message }, 'could not count what the chats hold');
    });
  };
  count();
  const timer = setInterval(count, everyMs);
  return async () => {
    clearInterval(timer);
    await counting;
  };
}
