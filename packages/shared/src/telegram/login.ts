/**
 * login.ts: from a phone number to a session: code, two-step password, the move to the account's own data centre.
 * A wrong answer may be given again; nothing is written before Telegram has accepted it.
 */
import { Api } from 'telegram';
import { computeCheck } from 'telegram/Password.js';
import type { Config } from '../config/index.js';
import { PersonError } from '../errors/index.js';
import type { Session } from '../session/index.js';
import { advertised, firstAddresses, mainAddress } from './addresses.js';
import { type Address, reachOf, TelegramConnection } from './connection.js';
import { type Dialog, listDialogs } from './dialogs.js';
import { MigrateError, TelegramError } from './errors.js';
import { factsOf } from './map-peer.js';
import { trustOnly } from './server-key.js';

/** Whoever answers Telegram's questions. */
export interface LoginQuestions {
  phone(): Promise<string>;
  code(sentBy: string): Promise<string>;
  password(hint: string | undefined): Promise<string>;
  /** Given: no phone number is asked for; shows this link as a QR code, again with another link whenever the old one ends. */
  showQr?: (link: string) => Promise<void>;
  say(text: string): void;
}

export interface LoggedIn {
  session: Session;
  name: string;
  dialogs(): AsyncGenerator<Dialog>;
  close(): Promise<void>;
}

export async function login(config: Config, questions: LoginQuestions): Promise<LoggedIn> {
  if (config.tg.server) trustOnly(config.tg.server.public_key);
  const attempt = new LoginAttempt(config, questions);
  try {
    const user = await attempt.run();
    const { connection, addresses } = attempt;
    const homeDc = connection!.address.dcId;
    const session: Session = {
      version: 1,
      accountId: user.id.toString(),
      homeDc,
      keys: { [homeDc]: connection!.key.toString('hex') },
      addresses: [...addresses],
    };
    const name = factsOf(user)?.title ?? '';
    return { session, name, dialogs: () => listDialogs(connection!), close: () => connection!.close() };
  } catch (error) {
    await attempt.connection?.close();
    throw error;
  }
}

class LoginAttempt {
  connection: TelegramConnection | undefined;
  addresses: readonly Address[];
  private onScanned: () => void = () => {};

  constructor(
    private readonly config: Config,
    private readonly ask: LoginQuestions,
  ) {
    this.addresses = firstAddresses(config.tg.server).addresses;
  }

  async run(): Promise<Api.TypeUser> {
    await this.connect(firstAddresses(this.config.tg.server).entryDc);
    if (this.ask.showQr) return await this.scan(this.ask.showQr);
    for (;;) {
      const phone = (await this.ask.phone()).replace(/[\s()-]/g, '');
      try {
        return await this.signIn(phone, await this.sendCode(phone));
      } catch (error) {
        if (!refused(error, 'PHONE_NUMBER_INVALID')) throw error;
        this.ask.say(
          'Telegram does not know this phone number. Give it with the country code, such as +49 151 23456789.',
        );
      }
    }
  }

  private async connect(dcId: number): Promise<void> {
    await this.connection?.close();
    const address = mainAddress(this.addresses, dcId);
    if (!address)
      throw new PersonError(`Telegram sent us to data centre ${dcId}, whose address it does not advertise.`);
    this.connection = await TelegramConnection.open({
      address,
      key: undefined,
      ...reachOf(this.config),
      onUpdate: (update) => {
        if (update instanceof Api.UpdateShort && update.update instanceof Api.UpdateLoginToken) this.onScanned();
        if (update instanceof Api.Updates && update.updates.some((it) => it instanceof Api.UpdateLoginToken))
          this.onScanned();
      },
    });
    this.addresses = advertised(await this.connection.call(new Api.help.GetConfig()));
  }

  /** Waits until the person has scanned the code with a Telegram app that is logged in. */
  private async scan(show: (link: string) => Promise<void>): Promise<Api.TypeUser> {
    const { api_id: apiId, api_hash: apiHash } = this.config.tg;
    const request = new Api.auth.ExportLoginToken({ apiId, apiHash, exceptIds: [] });
    try {
      for (let answer = await this.connection!.call(request); ; answer = await this.connection!.call(request)) {
        if (answer instanceof Api.auth.LoginTokenMigrateTo) {
          await this.connect(answer.dcId);
          answer = await this.connection!.call(new Api.auth.ImportLoginToken({ token: answer.token }));
        }
        if (answer instanceof Api.auth.LoginTokenSuccess) return userOf(answer.authorization);
        if (!(answer instanceof Api.auth.LoginToken)) continue;
        // Scanned: the server says so, maybe while it is still being shown. Should that get lost: asking again at the end of the token tells it, too.
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
        const sent = await this.connection!.call(request);
        if (sent instanceof Api.auth.SentCode) return sent;
        throw new PersonError('Telegram wants another way of login for this account, which tgsync does not know.');
      } catch (error) {
        if (!(error instanceof MigrateError)) throw error;
        await this.connect(error.dcId);
      }
    }
  }

  private async signIn(phoneNumber: string, sent: Api.auth.SentCode): Promise<Api.TypeUser> {
    let { phoneCodeHash } = sent;
    for (;;) {
      const phoneCode = (await this.ask.code(wayOf(sent.type))).replace(/[\s-]/g, '');
      try {
        return userOf(await this.connection!.call(new Api.auth.SignIn({ phoneNumber, phoneCodeHash, phoneCode })));
      } catch (error) {
        if (refused(error, 'SESSION_PASSWORD_NEEDED')) return await this.checkPassword();
        if (refused(error, 'PHONE_CODE_EXPIRED')) {
          this.ask.say('That code is too old; Telegram sends another one.');
          ({ phoneCodeHash } = await this.sendCode(phoneNumber));
        } else if (refused(error, 'PHONE_CODE_INVALID') || refused(error, 'PHONE_CODE_EMPTY')) {
          this.ask.say('That is not the code. Try again.');
        } else {
          throw error;
        }
      }
    }
  }

  private async checkPassword(): Promise<Api.TypeUser> {
    for (;;) {
      const password = await this.connection!.call(new Api.account.GetPassword());
      const answer = await computeCheck(password, await this.ask.password(password.hint ?? undefined));
      try {
        return userOf(await this.connection!.call(new Api.auth.CheckPassword({ password: answer })));
      } catch (error) {
        if (!refused(error, 'PASSWORD_HASH_INVALID') && !refused(error, 'SRP_ID_INVALID')) throw error;
        this.ask.say('That is not the password. Try again.');
      }
    }
  }
}

function userOf(answer: Api.auth.TypeAuthorization): Api.TypeUser {
  if (answer instanceof Api.auth.Authorization) return answer.user;
  throw new PersonError('There is no Telegram account with this phone number. Sign up in a Telegram app first.');
}

function wayOf(type: Api.auth.TypeSentCodeType): string {
  if (type instanceof Api.auth.SentCodeTypeApp) return 'in your Telegram app';
  if (type instanceof Api.auth.SentCodeTypeSms) return 'by SMS';
  if (type instanceof Api.auth.SentCodeTypeCall) return 'by a phone call';
  return 'to you';
}

function refused(error: unknown, reason: string): boolean {
  return error instanceof TelegramError && error.reason === reason;
}
