/**
 * account.ts: the one main connection of one of the account's logins, for the holder of its lease. Everything but upload.* goes
 * over it. It is opened when it is needed and again when it broke; a flood wait is shared with all workers and comes back as a date.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from 'telegram';
import type { Logger } from '../app/index.js';
import type { Config, Environment } from '../config/index.js';
import { archiveId, claimForAccount, recordLogin } from '../db/archive.js';
import { floodWaitMs, noteFloodWait } from '../db/flood-waits.js';
import type { Db } from '../db/open.js';
import { ConnectionLostError, RetryAfterError } from '../errors/index.js';
import { keyOf, type Session, Sessions } from '../session/index.js';
import { advertised, firstAddresses, mainAddress } from './addresses.js';
import { type CallOptions, reachOf, TelegramConnection } from './connection.js';
import { FloodWaitError, KeyLostError, LoginLostError } from './errors.js';
import { LeaseHolder } from './lease-holder.js';
import { trustOnly } from './server-key.js';

export interface AccountDeps {
  config: Config;
  env: Environment;
  db: Db;
  log: Logger;
}

/** Calls are repeated on a new connection this often: what we ask only reads. */
const tries = 3;
/** How long jobs wait before they look again whether there is a login, or whether we may use one. */
const loginNeededMs = 5000;
const standingByMs = 1000;
const lookMs = 1000;
const loginNeeded = 'login needed: run `tgsync login`';

export class Account {
  private readonly sessions: Sessions;
  private session: Session | undefined;
  /** The number of the login that we hold. */
  private number = 0;
  private opening: Promise<TelegramConnection> | undefined;
  private connection: TelegramConnection | undefined;
  /** Home keys of logins that Telegram ended; a session file that holds another one counts again. */
  private readonly deadKeys = new Map<string, string>();
  private lease: LeaseHolder;
  private holding: Promise<void> | undefined;
  private onHolding: (isHolding: boolean) => void = () => {};
  private readonly stopping = new AbortController();

  constructor(private readonly deps: AccountDeps) {
    const { config, env, log } = deps;
    this.sessions = new Sessions(config, env, (words) => log.error(words));
    this.lease = this.newLease();
    if (config.tg.server) trustOnly(config.tg.server.public_key);
  }

  /** Waits for a login and for its lease: from then on calls can be made. */
  async start(): Promise<void> {
    this.holding ??= this.hold();
    await this.holding;
  }

  /** Takes a lease that nobody holds now; false: a worker holds each. May be asked again. */
  async tryStart(): Promise<boolean> {
    if (this.lease.isHeld) return true;
    const lost = () => void this.connection?.close();
    const number = await this.lease.tryHold(this.usable(), lost);
    if (number === undefined) return false;
    this.number = number;
    await this.take();
    return true;
  }

  /** Waits for the lease of a login that the person ends, which no worker takes any more. */
  async startToEnd(number: number): Promise<void> {
    const lost = () => void this.connection?.close();
    this.number = await this.lease.hold(() => [number], lost, this.stopping.signal, { evenIfEnding: true });
    await this.take();
  }

  /** Tells whenever the right to use the account is lost and had again: jobs are better left to others meanwhile. */
  watch(onHolding: (isHolding: boolean) => void): void {
    this.onHolding = onHolding;
  }

  /** Why the person has to log in, if so. A worker that stands by is well. */
  get loginProblem(): string | undefined {
    if (this.usable().length > 0) return undefined;
    return this.sessions.problem ?? [...this.deadKeys.values()][0] ?? loginNeeded;
  }

  get selfId(): bigint {
    return BigInt(this.session!.accountId);
  }

  /** Calls a method of the home data centre. */
  async call<R extends Api.AnyRequest>(request: R, options: CallOptions = {}): Promise<R['__response']> {
    const method = request.className;
    const waitMs = await floodWaitMs(this.deps.db, method, 0);
    if (waitMs > 0) throw new RetryAfterError(waitMs, `${method} waits for Telegram's flood wait to end`);
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await this.connected();
        return await connection.call(request, options);
      } catch (error) {
        if (error instanceof FloodWaitError) await this.floodWait(error);
        if (error instanceof LoginLostError) await this.loginLost(error.message);
        const keyLost = error instanceof KeyLostError;
        if (keyLost && attempt === tries) {
          await this.loginLost(
            'Telegram does not know the key of this login any more. Run `tgsync login`: all goes on where it was.',
          );
        }
        if (!(keyLost || error instanceof ConnectionLostError) || attempt === tries) throw error;
        this.deps.log.debug({ method, reason: error.message }, 'asking again on a new connection');
        await sleep(200 * attempt, undefined, { signal: options.signal });
      }
    }
  }

  /** Ends the login in use at Telegram. */
  async logOut(): Promise<void> {
    await this.call(new Api.auth.LogOut());
  }

  /** The session as it is now on disk and here. */
  currentSession(): Session {
    return this.session!;
  }

  /** Writes the session file. Only the holder of the lease does. */
  saveSession(session: Session): void {
    this.lease.check();
    this.sessions.write(this.number, session);
    this.session = session;
  }

  /** Asked before every write to a socket of this login. */
  readonly guard = (): void => this.lease.check();

  async release(): Promise<void> {
    this.stopping.abort();
    await this.holding?.catch(() => {});
    await this.opening?.catch(() => {});
    await this.connection?.close();
    await this.lease.release();
  }

  private newLease(): LeaseHolder {
    return new LeaseHolder(this.deps.db, this.deps.config.tg.lease_ttl, this.deps.log);
  }

  /** Logins that Telegram did not end, as far as we know. */
  private usable(): number[] {
    return this.sessions.numbers.filter((number) => {
      const session = this.sessions.readIfGood(number);
      return session !== undefined && !this.deadKeys.has(homeKey(session));
    });
  }

  private async untilLoggedIn(): Promise<void> {
    for (let told = false; this.usable().length === 0; told = true) {
      if (!told) {
        this.deps.log.warn(`${this.loginProblem}; I go on by myself after it`);
        await archiveId(this.deps.db);
        await recordLogin(this.deps.db, this.loginProblem ?? null);
      }
      await sleep(lookMs, undefined, { signal: this.stopping.signal });
    }
  }

  private async hold(): Promise<void> {
    await this.untilLoggedIn();
    const lost = () => {
      void this.connection?.close();
      this.connection = undefined;
      this.lease = this.newLease();
      this.holding = this.holdAgain();
    };
    this.number = await this.lease.hold(() => this.usable(), lost, this.stopping.signal);
    await this.take();
  }

  /** After a loss, until there is a login that can be held, or the end. */
  private async holdAgain(): Promise<void> {
    this.onHolding(false);
    for (const { signal } = this.stopping; !signal.aborted;) {
      try {
        await this.hold();
        return this.onHolding(true);
      } catch (error) {
        if (signal.aborted) return;
        this.deps.log.error((error as Error).message);
        await this.lease.release().catch(() => {}); // it runs out by itself
        this.lease = this.newLease();
        await sleep(loginNeededMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** The login whose lease was just taken is the one in use. */
  private async take(): Promise<void> {
    // What another holder wrote meanwhile counts.
    const session = this.sessions.read(this.number);
    if (!session) throw new RetryAfterError(standingByMs, 'the login is gone');
    await claimForAccount(this.deps.db, BigInt(session.accountId));
    this.session = session;
    if (this.sessions.lacksSeal(this.number)) this.saveSession(session);
  }

  private async connected(): Promise<TelegramConnection> {
    if (!this.lease.isHeld) {
      throw new RetryAfterError(this.loginProblem ? loginNeededMs : standingByMs, this.loginProblem ?? 'standing by');
    }
    if (this.connection?.isOpen) return this.connection;
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return await this.opening;
  }

  private async open(): Promise<TelegramConnection> {
    await this.holding; // its last steps
    this.lease.check();
    const connection = await this.openHome().catch(async (error: unknown) => {
      if (!(error instanceof ConnectionLostError)) throw error;
      await this.findAddresses(); // the data centre may have moved
      return await this.openHome();
    });
    const session = this.session!;
    try {
      const answer = await connection.call(new Api.help.GetConfig());
      const addresses = advertised(answer);
      if (JSON.stringify(addresses) !== JSON.stringify(session.addresses)) this.saveSession({ ...session, addresses });
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.deps.log.info({ dc: session.homeDc }, 'connected to Telegram');
    await recordLogin(this.deps.db, null);
    this.connection = connection;
    return connection;
  }

  private async openHome(): Promise<TelegramConnection> {
    const { config } = this.deps;
    const session = this.session!;
    const known = [...session.addresses, ...firstAddresses(config.tg.server).addresses];
    const address = mainAddress(known, session.homeDc);
    if (!address) throw new ConnectionLostError(`no address of data centre ${session.homeDc} is known`);
    return await TelegramConnection.open({
      address,
      key: keyOf(session, session.homeDc),
      ...reachOf(config),
      guard: this.guard,
    });
  }

  /** Asks the data centre where a login begins for everybody's addresses, as nobody: with a key that no login has. */
  private async findAddresses(): Promise<void> {
    const { config } = this.deps;
    const { entryDc, addresses } = firstAddresses(config.tg.server);
    const entry = await TelegramConnection.open({
      address: mainAddress(addresses, entryDc)!,
      key: undefined,
      ...reachOf(config),
      guard: this.guard,
    });
    try {
      this.saveSession({ ...this.session!, addresses: advertised(await entry.call(new Api.help.GetConfig())) });
    } finally {
      await entry.close();
    }
  }

  private async floodWait({ seconds, method, message }: FloodWaitError): Promise<never> {
    await noteFloodWait(this.deps.db, method, 0, seconds);
    throw new RetryAfterError(seconds * 1000, message);
  }

  /** Telegram ended the login that we hold: another one goes on, or the person has to log in. */
  private async loginLost(why: string): Promise<never> {
    const { db, log } = this.deps;
    log.error({ session: this.number }, why);
    if (this.session) this.deadKeys.set(homeKey(this.session), why);
    const others = this.usable().length > 0;
    if (!others) await recordLogin(db, why);
    await this.giveUp();
    throw new RetryAfterError(others ? standingByMs : loginNeededMs, why);
  }

  /** Gives the lease back, and holds one again as soon as there is a login for it. */
  private async giveUp(): Promise<void> {
    const { lease, connection } = this;
    if (!lease.isHeld) return; // another call has done it
    this.connection = undefined;
    this.lease = this.newLease();
    this.holding = this.holdAgain();
    await connection?.close();
    await lease.release().catch(() => {}); // it runs out by itself
  }
}

function homeKey({ keys, homeDc }: Session): string {
  return keys[homeDc] ?? '';
}
