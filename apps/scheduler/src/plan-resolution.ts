/** plan-resolution.ts: must Telegram be asked which chats tg.chats means, and was it? Pure. */
import type { SelectorRow } from '@tgsync/shared/db';
import type { PlannedJob } from '@tgsync/shared/jobs';

/** One job for all usernames, folders and "*", if there are any. */
export function planResolution(selectors: readonly SelectorRow[]): PlannedJob[] {
  if (selectors.length === 0) return [];
  return [{ name: 'resolve-chats', payload: {}, title: 'Find the chats of names and folders' }];
}

/**
 * Whether Telegram has answered since `since`, or is to be asked again only later. A username that was ever resolved needs no other answer.
 */
export function isResolved(selector: SelectorRow, since: Date, now: Date): boolean {
  const { kind, chatIds, triedAt, retryAt } = selector;
  if (kind === 'name' && chatIds.length > 0) return true;
  return (triedAt !== null && triedAt >= since) || (retryAt !== null && retryAt > now);
}
