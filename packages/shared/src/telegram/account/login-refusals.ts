/** login-refusals.ts: what Telegram's login errors mean for a person, one sentence each. Pure. */
import { PersonError } from '../../errors/index.js';
import { TelegramError } from '../wire/errors.js';
import { UnreadError } from '../wire/unread.js';

export const orByQr = 'or use `tgsync login --qr` with a Telegram app that is logged in.';

const meanings: Record<string, string> = {
  PHONE_NUMBER_BANNED: 'Telegram has banned this phone number: see https://telegram.org/faq#login-and-sms.',
  PHONE_NUMBER_FLOOD: `Too many codes were requested for this phone number. Try again tomorrow, ${orByQr}`,
  PHONE_PASSWORD_FLOOD: `Too many wrong passwords for this account. Try again tomorrow.`,
  UPDATE_APP_TO_LOGIN: `Telegram requires a newer client for this login. Upgrade tgsync, ${orByQr}`,
  PHONE_NUMBER_UNOCCUPIED: 'No Telegram account has this phone number. Sign up in a Telegram app first.',
  PHONE_NUMBER_APP_SIGNUP_FORBIDDEN: 'No Telegram account has this phone number. Sign up in a Telegram app first.',
  SEND_CODE_UNAVAILABLE: `Telegram cannot send this number another code. Try again later, ${orByQr}`,
};

/** Turns a refused login into a PersonError; other errors are returned unchanged. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof UnreadError)
    return new PersonError(
      `Telegram sent an answer that this version does not understand (${error.message}). Upgrade tgsync, ${orByQr}`,
    );
  if (!(error instanceof TelegramError)) return error;
  const { code, reason } = error;
  return new PersonError(
    meanings[reason] ??
      `Telegram refused this login: ${reason} (${code}). Nothing was changed; try again later, ${orByQr}`,
    { cause: error },
  );
}
