/** bounds.ts: which message ids a period has in a chat. Ids grow with time, so two questions tell. */
import type { ChatRow } from '../db/index.js';
import { type Account, newestBefore } from '../telegram/index.js';

export interface Bounds {
  /** null: no limit on that side (yet). */
  sinceId: bigint | null;
  untilId: bigint | null;
}

/** Asks for the first and last id of the wanted period, as far as it has begun and ended. */
export async function boundsOf(account: Account, chat: ChatRow, now: Date, signal: AbortSignal): Promise<Bounds> {
  const { since, until } = chat;
  const hasEnded = until !== null && until <= now;
  const before = since === null ? null : await newestBefore(account, chat, since, signal);
  return {
    sinceId: before === null ? null : before + 1n,
    untilId: hasEnded ? await newestBefore(account, chat, until, signal) : null,
  };
}
