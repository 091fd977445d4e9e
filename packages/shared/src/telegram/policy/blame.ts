/** blame.ts: whose fault an error is: the one item's that was asked for, or of what all items share. */
import { ChatUnreadableError, TelegramError } from '../wire/errors.js';
import { UnreadError } from '../wire/unread.js';

/**
 * Whether asking for less can tell which item is to blame. Telegram's refusals are far more than any list has, so every one of a request
 * (4xx) counts, but those of the login (401), of the pace (420) and of the connection.
 */
export function isOfItem(error: unknown): boolean {
  if (error instanceof ChatUnreadableError || error instanceof UnreadError) return true;
  if (!(error instanceof TelegramError)) return false;
  const { code, reason } = error;
  return code >= 400 && code < 500 && code !== 401 && code !== 420 && !reason.startsWith('CONNECTION_');
}
