/** blame.ts: whose fault an error is: the single item's, or that of something all items share. */
import { ChatUnreadableError, TelegramError } from '../wire/errors.js';
import { UnreadError } from '../wire/unread.js';

/**
 * Whether asking for less can show which item is to blame. No list of Telegram's errors is complete, so every refusal of a request (4xx)
 * counts, except those of the login (401), the rate (420) and the connection.
 */
export function isOfItem(error: unknown): boolean {
  if (error instanceof ChatUnreadableError || error instanceof UnreadError) return true;
  if (!(error instanceof TelegramError)) return false;
  const { code, reason } = error;
  return code >= 400 && code < 500 && code !== 401 && code !== 420 && !reason.startsWith('CONNECTION_');
}
