/**
 * login.ts: from a phone number to a session: code, two-step password, the move to the account's own data centre. Wrong answers can be
 * corrected; nothing is written before Telegram has accepted the login.
 */
import { Api, computeCheck } from '../wire/gramjs.js';
import type { Config } from '../../config/index.js';
import { PersonError } from '../../errors/index.js';
import type { Session } from '../../session/index.js';
import type { Caller } from '../wire/connection.js';
import { MigrateError, TelegramError } from '../wire/errors.js';
import { factsOf } from '../map/peer.js';
import { requireLayer } from '../wire/layer.js';
import { trustOnly } from '../wire/server-key.js';
import { LoginLine } from './login-line.js';
import { orByQr, refusalOf } from './login-refusals.js';
import { codeQuestion } from './sent-code.js';

/** Whoever answers Telegram's questions. */
export interface LoginQuestions {
  phone(): Promise<string>;
  /** `question` says what to enter; an empty answer: no code came, send another one. */
  code(question: string): Promise<string>;
  password(hint: string | undefined): Promise<string>;
  /** If given, no phone number is asked for: it shows this link as a QR code, and again whenever the old link expires. */
  showQr?: (link: string) => Promise<void>;
  say(text: string): void;
}

export interface LoggedIn {
  session: Session;
  name: string;
  /** Makes calls over the new login. */
  caller: Caller;
  close(): Promise<void>;
}

/** How often Telegram may ask to start over. */
const restarts = 3;

/**
 * Logs in by phone number or QR code, and returns the session, which is not written yet. Throws a PersonError for what only the person
 * can fix, and FloodWaitError.
 */
export async function login(config: Config, questions: LoginQuestions): Promise<LoggedIn> {
  requireLayer(config);
  if (config.tg.server) trustOnly(config.tg.server.public_key);
  const attempt = new LoginAttempt(config, questions);
  const { line } = attempt;
  try {
    const user = await attempt.run();
    const session: Session = {
      version: 1,
      accountId: user.id.toString(),
      homeDc: line.homeDc,
      keys: { [line.homeDc]: line.key.toString('hex') },
      addresses: [...line.addresses],
    };
    const name = factsOf(user)?.title ?? '';
    return { session, name, caller: line, close: () => line.close() };
  } catch (error) {
    await line.close();
    throw refusalOf(error);
  }
}

class LoginAttempt {
  readonly line: LoginLine;
  private onScanned: () => void = () => {};

  constructor(
    private readonly config: Config,
    private readonly ask: LoginQuestions,
  ) {
    this.line = new LoginLine(config, (update) => {
      if (update instanceof Api.UpdateShort && update.update instanceof Api.UpdateLoginToken) this.onScanned();
      if (update instanceof Api.Updates && update.updates.some((it) => it instanceof Api.UpdateLoginToken))
        this.onScanned();
    });
  }

  async run(): Promise<Api.TypeUser> {
    await this.line.enter();
    if (this.ask.showQr) return await this.scan(this.ask.showQr);
    for (let restarted = 0; ;) {
      const phone = await this.phone();
      try {
        for (;;) {
          try {
            return await this.signIn(phone, await this.sendCode(phone));
          } catch (error) {
            if (!refused(error, 'AUTH_RESTART') || restarted++ === restarts) throw error;
          }
        }
      } catch (error) {
        if (!refused(error, 'PHONE_NUMBER_INVALID')) throw error;
        this.ask.say(
          'Telegram does not accept this phone number. Enter it with the country code, such as +49 151 23456789.',
        );
      }
    }
  }

  private async phone(): Promise<string> {
    for (;;) {
      const given = await this.ask.phone();
      if (!/^\s*\d{5,}:[\w-]{20,}\s*$/.test(given)) return given.replace(/[\s()-]/g, '');
      this.ask.say("That is a bot token. Bots cannot read chats; enter a person's phone number.");
    }
  }

  /** Waits until the person has scanned the code with a Telegram app that is logged in. */
  private async scan(show: NonNullable<LoginQuestions['showQr']>): Promise<Api.TypeUser> {
    const { api_id: apiId, api_hash: apiHash } = this.config.tg;
    const request = new Api.auth.ExportLoginToken({ apiId, apiHash, exceptIds: [] });
    try {
      for (let answer = await this.line.call(request); ; answer = await this.line.call(request)) {
        if (answer instanceof Api.auth.LoginTokenMigrateTo) {
          await this.line.moveTo(answer.dcId);
          answer = await this.line.call(new Api.auth.ImportLoginToken({ token: answer.token }));
        }
        if (answer instanceof Api.auth.LoginTokenSuccess) return userOf(answer.authorization);
        if (!(answer instanceof Api.auth.LoginToken)) continue;
        // Once it is scanned, the server sends an update, perhaps while the code is still shown. If that update is lost, the next request
        // after the token expires reports it as well.
        const scanned = this.scanned(Math.max(1, answer.expires - Date.now() / 1000));
        await show(`tg://login?token=${answer.token.toString('base64url')}`);
        await scanned;
      }
    } catch (error) {
      if (refused(error, 'SESSION_PASSWORD_NEEDED')) return await this.checkPassword();
      throw error;
    }
  }

  private async scanned(seconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.onScanned = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Asks for a code, at the account's own data centre. */
  private async sendCode(phoneNumber: string): Promise<Api.auth.SentCode> {
    const { api_id: apiId, api_hash: apiHash } = this.config.tg;
    const request = new Api.auth.SendCode({ phoneNumber, apiId, apiHash, settings: new Api.CodeSettings({}) });
    for (;;) {
      try {
        return sentCodeOf(await this.line.call(request));
      } catch (error) {
        if (!(error instanceof MigrateError)) throw error;
        await this.line.moveTo(error.dcId);
      }
    }
  }

  private async signIn(phoneNumber: string, first: Api.auth.SentCode): Promise<Api.TypeUser> {
    let sent = first;
    let sentAt = performance.now();
    const now = (next: Api.auth.SentCode) => {
      sent = next;
      sentAt = performance.now();
    };
    for (;;) {
      const { phoneCodeHash, timeout = 0, type } = sent;
      const what = codeQuestion(type);
      if (typeof what === 'string') {
        if (!sent.nextType) throw new PersonError(`${what}, ${orByQr}`);
        now(await this.resend(phoneNumber, phoneCodeHash));
        continue;
      }
      const answer = (await this.ask.code(what.question)).trim();
      if (answer === '') {
        const waitMs = timeout * 1000 - (performance.now() - sentAt);
        if (waitMs > 0) this.ask.say(`Telegram can send another code in ${Math.ceil(waitMs / 1000)} s.`);
        else now(await this.resend(phoneNumber, phoneCodeHash));
        continue;
      }
      const code = what.isText ? answer : answer.replace(/[\s-]/g, '');
      const given = what.isEmail ? { emailVerification: new Api.EmailVerificationCode({ code }) } : { phoneCode: code };
      try {
        return userOf(await this.line.call(new Api.auth.SignIn({ phoneNumber, phoneCodeHash, ...given })));
      } catch (error) {
        if (refused(error, 'SESSION_PASSWORD_NEEDED')) return await this.checkPassword();
        if (refused(error, 'PHONE_CODE_EXPIRED')) {
          this.ask.say('That code has expired; Telegram is sending another one.');
          now(await this.sendCode(phoneNumber));
        } else if (refused(error, 'PHONE_CODE_INVALID', 'PHONE_CODE_EMPTY', 'CODE_INVALID')) {
          this.ask.say('Wrong code. Try again.');
        } else {
          throw error;
        }
      }
    }
  }

  /** No code came: has it sent by the next way that Telegram offers. */
  private async resend(phoneNumber: string, phoneCodeHash: string): Promise<Api.auth.SentCode> {
    try {
      const sent = sentCodeOf(await this.line.call(new Api.auth.ResendCode({ phoneNumber, phoneCodeHash })));
      this.ask.say('Telegram is sending another one.');
      return sent;
    } catch (error) {
      if (!refused(error, 'PHONE_CODE_EXPIRED')) throw error;
      this.ask.say('The code has expired; Telegram is sending another one.');
      return await this.sendCode(phoneNumber);
    }
  }

  private async checkPassword(): Promise<Api.TypeUser> {
    let given: string | undefined;
    for (let stale = 0; ;) {
      const password = await this.line.call(new Api.account.GetPassword());
      given ??= await this.ask.password(password.hint ?? undefined);
      const answer = await computeCheck(password, given);
      try {
        return userOf(await this.line.call(new Api.auth.CheckPassword({ password: answer })));
      } catch (error) {
        if (refused(error, 'SRP_ID_INVALID') && stale++ < restarts) continue; // Telegram's challenge for the password has expired
        if (!refused(error, 'PASSWORD_HASH_INVALID')) throw error;
        given = undefined;
        this.ask.say('Wrong password. Try again.');
      }
    }
  }
}

function sentCodeOf(sent: Api.auth.TypeSentCode): Api.auth.SentCode {
  if (sent instanceof Api.auth.SentCode) return sent;
  throw new PersonError(
    `Telegram requires something other than a code for this login. Log in with Telegram's own app, ${orByQr}`,
  );
}

function userOf(answer: Api.auth.TypeAuthorization): Api.TypeUser {
  if (answer instanceof Api.auth.Authorization) return answer.user;
  throw new PersonError('No Telegram account has this phone number. Sign up in a Telegram app first.');
}

function refused(error: unknown, ...reasons: string[]): boolean {
  return error instanceof TelegramError && reasons.includes(error.reason);
}
