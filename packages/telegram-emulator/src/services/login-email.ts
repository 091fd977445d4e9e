/**
 * login-email.ts: sets up the e-mail address for login codes during a login, where Telegram requires one
 * (core.telegram.org/api/auth#email-verification).
 */
import { RpcError, type Service } from '../service.js';
import type { TlObject } from '../tl/value.js';
import { type WireCall, wireService } from '../wire-call.js';
import type { Account } from '../world/account.js';
import { type SentCodes, digits } from './sent-codes.js';

/** The hash of the login that the address is for. */
function hashOf(account: Account, { query }: WireCall): string {
  const purpose = query['purpose'] as TlObject;
  // Changing it later, or for a passport, is not supported, as no client here needs it.
  if (purpose._ !== 'emailVerifyPurposeLoginSetup') throw new RpcError(400, 'EMAIL_NOT_ALLOWED');
  if (digits(purpose['phone_number']) !== digits(account.phone)) throw new RpcError(400, 'PHONE_NUMBER_INVALID');
  return purpose['phone_code_hash'] as string;
}

/** The service that sets up the address. */
export const loginEmailService = (account: Account, codes: SentCodes): Service =>
  wireService({
    'account.sendVerifyEmailCode': (call) => codes.setUpEmail(hashOf(account, call), call.query['email'] as string),
    'account.verifyEmail': (call) => codes.verifyEmail(hashOf(account, call), call.query['verification'] as TlObject),
  });
