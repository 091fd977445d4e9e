/** login-token.ts: approves another login of the same account by its token. */
import { Api } from '../wire/gramjs.js';
import { PermanentError } from '../../errors/index.js';
import type { Caller } from '../wire/connection.js';
import { TelegramError } from '../wire/errors.js';

/** `token`: as in the QR code, base64url. Accepting it twice is harmless. */
export async function acceptLoginToken(caller: Caller, token: string): Promise<void> {
  try {
    await caller.call(new Api.auth.AcceptLoginToken({ token: Buffer.from(token, 'base64url') }));
  } catch (error) {
    if (!(error instanceof TelegramError)) throw error;
    if (error.reason === 'AUTH_TOKEN_ALREADY_ACCEPTED') return;
    if (error.reason.startsWith('AUTH_TOKEN_'))
      throw new PermanentError(`the login token is too old (${error.reason})`);
    throw error;
  }
}
