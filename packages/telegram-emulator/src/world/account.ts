/**
 * account.ts: the account that logs in, and how the codes reach it.
 */

/** How a login code is sent: each is an `auth.SentCodeType`; `unknown` is one that no layer has. */
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

/** What a person has to enter, and where. */
export interface Account {
  phone: string;
  /** The digits of a code that comes by app, SMS, Fragment or call; the last ones of the number that makes a short call. */
  code: string;
  /** How the first code is sent, and how the next ones are when it is asked for again. */
  codeWays: readonly CodeWay[];
  /** Seconds after which a client may ask for the next one. */
  codeTimeout: number;
  /** The word and the phrase of an SMS that holds such. */
  codeWord: string;
  codePhrase: string;
  /** The beginning of the number that makes a short call. */
  callerPrefix: string;
  /** Where codes by e-mail go, and what they are. */
  email: string;
  emailCode: string;
  password?: string;
  userId: bigint;
  homeDc: number;
}

/** An account with all that was not told. */
export function makeAccount(told: Partial<Account>): Account {
  return {
    phone: told.phone ?? '+10000000001',
    code: told.code ?? '12345',
    codeWays: told.codeWays ?? ['app', 'sms'],
    codeTimeout: told.codeTimeout ?? 60,
    codeWord: told.codeWord ?? 'meadow',
    codePhrase: told.codePhrase ?? 'the cat sleeps in the sun',
    callerPrefix: told.callerPrefix ?? '+1999000',
    email: told.email ?? 'robin@example.org',
    emailCode: told.emailCode ?? '654321',
    userId: told.userId ?? 777_000_123n,
    homeDc: told.homeDc ?? 2,
    ...(told.password !== undefined && { password: told.password }),
  };
}
