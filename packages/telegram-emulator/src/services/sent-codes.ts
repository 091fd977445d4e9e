/**
 * sent-codes.ts: login codes in progress: how each was sent, what answers it, and how it is resent
 * (core.telegram.org/api/auth).
 */
import { randomBytes } from 'node:crypto';
import { RpcError } from '../service.js';
import { objectById } from '../tl/by-id.js';
import type { TlObject } from '../tl/value.js';
import type { Account, CodeWay } from '../world/account.js';

const WRONG_CODES_ALLOWED = 5;
const CODES_KEPT = 100;

interface SentCode {
  readonly ways: readonly CodeWay[];
  wrong: number;
  /** The address that codes will be sent to from now on. */
  email?: string;
}

/** The answer fields of `auth.signIn`. */
export interface CodeAnswer {
  readonly phone_code?: string;
  readonly email_verification?: TlObject;
}

export class SentCodes {
  readonly #sent = new Map<string, SentCode>();

  constructor(private readonly account: Account) {}

  /** Sends a code in the first of these ways. */
  send(ways: readonly CodeWay[]): TlObject {
    const phone_code_hash = randomBytes(9).toString('hex');
    this.#sent.set(phone_code_hash, { ways, wrong: 0 });
    if (this.#sent.size > CODES_KEPT) this.#sent.delete(this.#sent.keys().next().value!);
    const [way = 'app', next] = ways;
    return {
      _: 'auth.sentCode',
      type: this.#typeTl(way),
      phone_code_hash,
      next_type: next && NEXT_TYPES[next] ? { _: NEXT_TYPES[next] } : undefined,
      timeout: next === undefined ? undefined : this.account.codeTimeout,
    };
  }

  /** Resends it in the next way. */
  sendAgain(hash: string): TlObject {
    const [way, ...ways] = this.#known(hash).ways;
    if (way === 'setUpEmail') throw new RpcError(400, 'EMAIL_INSTALL_MISSING');
    if (ways.length === 0) throw new RpcError(406, 'SEND_CODE_UNAVAILABLE');
    this.#sent.delete(hash);
    return this.send(ways);
  }

  cancel(hash: string): boolean {
    this.#known(hash);
    return this.#sent.delete(hash);
  }

  /** Throws an {@link RpcError} unless it answers the code of this hash; each code works once. */
  check(hash: string, { phone_code, email_verification }: CodeAnswer): void {
    const sent = this.#known(hash);
    const [way = 'app'] = sent.ways;
    const email = email_verification?._ === 'emailVerificationCode' ? (email_verification['code'] as string) : '';
    const answer = way === 'email' ? email || phone_code : phone_code;
    if (answer === undefined || answer === '') throw new RpcError(400, 'PHONE_CODE_EMPTY');
    if (way === 'email' ? email === this.account.emailCode : this.#isRight(way, answer)) {
      this.#sent.delete(hash);
      return;
    }
    sent.wrong++;
    if (sent.wrong >= WRONG_CODES_ALLOWED) this.#sent.delete(hash);
    throw new RpcError(400, 'PHONE_CODE_INVALID');
  }

  /** Records the address that a person sets up; returns its masked form. */
  setUpEmail(hash: string, email: string): TlObject {
    const sent = this.#settingUp(hash);
    if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) throw new RpcError(400, 'EMAIL_INVALID');
    sent.email = email;
    return { _: 'account.sentEmailCode', email_pattern: patternOf(email), length: this.account.emailCode.length };
  }

  /** Checks the code that proves the address, then sends the login code there. */
  verifyEmail(hash: string, verification: TlObject): TlObject {
    const { email } = this.#settingUp(hash);
    if (email === undefined) throw new RpcError(400, 'EMAIL_VERIFY_EXPIRED');
    if (verification._ !== 'emailVerificationCode' || verification['code'] !== this.account.emailCode)
      throw new RpcError(400, 'CODE_INVALID');
    this.#sent.delete(hash);
    this.account.email = email;
    return { _: 'account.emailVerifiedLogin', email, sent_code: this.send(['email']) };
  }

  #settingUp(hash: string): SentCode {
    const sent = this.#sent.get(hash);
    if (sent?.ways[0] !== 'setUpEmail') throw new RpcError(400, 'PHONE_HASH_EXPIRED');
    return sent;
  }

  #known(hash: string): SentCode {
    if (hash === '') throw new RpcError(400, 'PHONE_CODE_HASH_EMPTY');
    const sent = this.#sent.get(hash);
    if (!sent) throw new RpcError(400, 'PHONE_CODE_EXPIRED');
    return sent;
  }

  /** Without an address there is no code, and Firebase sends one to official apps only. */
  #isRight(way: CodeWay, answer: string): boolean {
    const { code, codeWord, codePhrase, callerPrefix } = this.account;
    if (way === 'setUpEmail' || way === 'firebaseSms') return false;
    if (way === 'smsWord') return answer === codeWord;
    if (way === 'smsPhrase') return answer === codePhrase;
    return way === 'flashCall' ? digits(answer) === digits(callerPrefix + code) : answer === code;
  }

  #typeTl(way: CodeWay): TlObject {
    const { code, codeWord, codePhrase, callerPrefix, email, emailCode } = this.account;
    const { length } = code;
    switch (way) {
      case 'app':
        return { _: 'auth.sentCodeTypeApp', length };
      case 'sms':
        return { _: 'auth.sentCodeTypeSms', length };
      case 'smsWord':
        return { _: 'auth.sentCodeTypeSmsWord', beginning: codeWord.slice(0, 1) };
      case 'smsPhrase':
        return { _: 'auth.sentCodeTypeSmsPhrase', beginning: codePhrase.split(' ')[0] };
      case 'call':
        return { _: 'auth.sentCodeTypeCall', length };
      case 'flashCall':
        return { _: 'auth.sentCodeTypeFlashCall', pattern: `${callerPrefix}*` };
      case 'missedCall':
        return { _: 'auth.sentCodeTypeMissedCall', prefix: callerPrefix, length };
      case 'fragmentSms':
        return { _: 'auth.sentCodeTypeFragmentSms', url: 'https://fragment.com/login?code', length };
      case 'firebaseSms':
        return { _: 'auth.sentCodeTypeFirebaseSms', nonce: randomBytes(32), length };
      case 'email':
        return { _: 'auth.sentCodeTypeEmailCode', email_pattern: patternOf(email), length: emailCode.length };
      case 'setUpEmail':
        return { _: 'auth.sentCodeTypeSetUpEmailRequired' };
      case 'unknown':
        return objectById();
    }
  }
}

/** The ways that `next_type` can announce. */
const NEXT_TYPES: Readonly<Partial<Record<CodeWay, string>>> = {
  sms: 'auth.codeTypeSms',
  smsWord: 'auth.codeTypeSms',
  smsPhrase: 'auth.codeTypeSms',
  firebaseSms: 'auth.codeTypeSms',
  call: 'auth.codeTypeCall',
  flashCall: 'auth.codeTypeFlashCall',
  missedCall: 'auth.codeTypeMissedCall',
  fragmentSms: 'auth.codeTypeFragmentSms',
};

export const digits = (phone: unknown): string => String(phone).replace(/\D/g, '');

/** A masked address: `r***n@example.org`. */
function patternOf(email: string): string {
  const [name = '', host = ''] = email.split('@');
  return `${name.slice(0, 1)}***${name.slice(-1)}@${host}`;
}
