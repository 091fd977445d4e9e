/**
 * account.ts: the account's one main connection, for the holder of the lease. Everything but upload.* goes over it.
 * It is opened when it is needed and again when it broke; a flood wait is shared with all workers and comes back as a date.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from 'telegram';
import type { Logger } from '../app/index.js';
import { type Config, type Environment, placeOfPath } from '../config/index.js';
import { archiveId, claimForAccount, recordLogin } from '../db/archive.js';
import { floodWaitMs, noteFloodWait } from '../db/flood-waits.js';
import type { Db } from '../db/open.js';
import { RetryAfterError } from '../errors/index.js';
import { advertised, firstAddresses, mainAddress } from './addresses.js';
import { type CallOptions, reachOf, TelegramConnection } from './connection.js';
import { ConnectionLostError, FloodWaitError, LoginLostError } from './errors.js';
import { LeaseHolder } from './lease-holder.js';
import { trustOnly } from './server-key.js';
import { keyOf, readSession, type Session, writeSession } from './session-file.js';

export interface AccountDeps {
  config: Config;
  env: Environment;
  db: Db;
  log: Logger;
}

/** Calls are repeated on a new connection this often: what we ask only reads. */
const tries = 3;
/** How long jobs wait before they look again whether there is a login. */
const loginNeededMs = 15_000;

export class Account {
  private session: Session | undefined;
  private opening: Promise<TelegramConnection> | undefined;
  private connection: TelegramConnection | undefined;
  /** The key of a login that Telegram ended; until the session file holds another one nothing is sent. */
  private deadKey: string | undefined;
  private lease: LeaseHolder;
  private holding: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private readonly file: string;

  constructor(private readonly deps: AccountDeps) {
    const { config, env } = deps;
    this.file = placeOfPath(config.tg.session, env);
    this.lease = this.newLease();
    if (config.tg.server) trustOnly(config.tg.server.public_key);
  }

  /** Waits for a login and for the lease: from then on calls can be made. */
  async start(): Promise<void> {
    await this.untilLoggedIn();
    await (this.holding ??= this.hold());
  }

  /** Why the person has to log in, if so. A worker that stands by is well. */
  get loginProblem(): string | undefined {
    return !this.session || this.deadKey !== undefined ? 'login needed: run `tgsync login`' : undefined;
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
        if (error instanceof LoginLostError) await this.loginLost(error);
        if (!(error instanceof ConnectionLostError) || attempt === tries) throw error;
        this.deps.log.debug({ method, reason: error.message }, 'asking again on a new connection');
        await sleep(200 * attempt, undefined, { signal: options.signal });
      }
    }
  }

  /** The session as it is now on disk and here. */
  currentSession(): Session {
    return this.session!;
  }

  /** Writes the session file. Only the holder of the lease does. */
  saveSession(session: Session): void {
    this.lease.check();
    writeSession(this.file, session);
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

  private async untilLoggedIn(): Promise<void> {
    for (let told = false; ; told = true) {
      this.session = readSession(this.file);
      if (this.session && this.session.keys[this.session.homeDc] !== this.deadKey) break;
      if (!told) {
        this.deps.log.warn('login needed: run `tgsync login`; I go on by myself after it');
        await archiveId(this.deps.db);
        await recordLogin(this.deps.db, 'login needed: run `tgsync login`');
      }
      await sleep(1000, undefined, { signal: this.stopping.signal });
    }
    this.deadKey = undefined;
    await claimForAccount(this.deps.db, this.selfId);
  }

  private async hold(): Promise<void> {
    const lost = () => {
      void this.connection?.close();
      this.connection = undefined;
      this.lease = this.newLease();
      this.holding = this.hold();
      this.holding.catch(() => {});
    };
    await this.lease.hold(lost, this.stopping.signal);
    // What another holder wrote meanwhile counts.
    this.session = readSession(this.file) ?? this.session;
  }

  private async connected(): Promise<TelegramConnection> {
    if (this.deadKey !== undefined) await this.lookForNewLogin();
    if (this.connection?.isOpen) return this.connection;
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return await this.opening;
  }

  private async open(): Promise<TelegramConnection> {
    await this.holding;
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

  private async loginLost(error: LoginLostError): Promise<never> {
    this.deps.log.error(error.message);
    await recordLogin(this.deps.db, error.message);
    this.deadKey = this.session?.keys[this.session.homeDc];
    void this.connection?.close();
    this.connection = undefined;
    throw new RetryAfterError(loginNeededMs, error.message);
  }

  private async lookForNewLogin(): Promise<void> {
    const session = readSession(this.file);
    if (!session || session.keys[session.homeDc] === this.deadKey) {
      throw new RetryAfterError(loginNeededMs, 'login needed: run `tgsync login`');
    }
    await claimForAccount(this.deps.db, BigInt(session.accountId));
    this.session = session;
    this.deadKey = undefined;
  }
}
