/**
 * account.ts: the account that logs in, and how its codes arrive.
 */

/** How a login code is sent: each is an `auth.SentCodeType`; `unknown` is one that no layer knows. */
export type CodeWay =
  | 'app'
  | 'sms'
  | 'smsWord'
  | 'smsPhrase'
  | 'call'
  | 'flashCall'
  | 'missedCall'
  | 'fragmentSms'
  | 'firebaseSms'
  | 'email'
  | 'setUpEmail'
  | 'unknown';

/** What a person has to enter, and where codes arrive. */
export interface Account {
  phone: string;
  /** The digits of a code by app, SMS, Fragment or call; for a flash call or missed call, the last digits of the caller's number. */
  code: string;
  /** How the first code is sent, then the ways of the following ones. */
  codeWays: readonly CodeWay[];
  /** Seconds until a client may ask for the next one. */
  codeTimeout: number;
  /** The word and the phrase for an SMS with a word or a phrase. */
  codeWord: string;
  codePhrase: string;
  /** The beginning of the caller's number in a flash call or missed call. */
  callerPrefix: string;
  /** Where codes by e-mail go, and the code sent there. */
  email: string;
  emailCode: string;
  password?: string;
  userId: bigint;
  homeDc: number;
}

/** An account, with defaults for everything that is not given. */
export function makeAccount(given: Partial<Account>): Account {
  return {
    phone: given.phone ?? '+10000000001',
    code: given.code ?? '12345',
    codeWays: given.codeWays ?? ['app', 'sms'],
    codeTimeout: given.codeTimeout ?? 60,
    codeWord: given.codeWord ?? 'meadow',
    codePhrase: given.codePhrase ?? 'the cat sleeps in the sun',
    callerPrefix: given.callerPrefix ?? '+1999000',
    email: given.email ?? 'robin@example.org',
    emailCode: given.emailCode ?? '654321',
    userId: given.userId ?? 777_000_123n,
    homeDc: given.homeDc ?? 2,
    ...(given.password !== undefined && { password: given.password }),
  };
}
