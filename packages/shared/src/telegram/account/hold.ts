/**
 * hold.ts: one login in use: its number, its session, its lease, and the connection opened under that lease. These belong together and
 * never change hands: once the lease is lost the hold has ended, and nothing of it is used again, not even a connection that was still
 * being opened. Telegram ends a login that sends over two connections at once.
 */
import { downloadLimits } from './app-config.js';
import { Api } from '../wire/gramjs.js';
import type { Logger } from '../../app/index.js';
import type { Config } from '../../config/index.js';
import { recordLogin } from '../../db/archive.js';
import { recordDownloadLimits } from '../../db/file-slots.js';
import type { Db } from '../../db/handle.js';
import { ConnectionLostError } from '../../errors/index.js';
import { keyOf, type Session, type Sessions } from '../../session/index.js';
import { advertised, firstAddresses, mainAddresses } from '../wire/addresses.js';
import { reachOf, TelegramConnection } from '../wire/connection.js';
import { FloodWaitError, NotHeldError, TelegramError } from '../wire/errors.js';
import { Reach } from '../wire/reach.js';
import type { LeaseHolder } from './lease-holder.js';

export interface HoldDeps {
  config: Config;
  db: Db;
  log: Logger;
  sessions: Sessions;
  /** Hears what the server tells without being asked. */
  listener: Listener;
}

export interface Listener {
  /** Whole containers, as they came. */
  onUpdate(update: unknown): void;
  /** There may have been updates that did not come. */
  onMissed(): void;
}

export class Hold {
  /** Which addresses of a data centre can be reached from here. */
  readonly reach = new Reach();
  private ended = false;
  private connection: TelegramConnection | undefined;
  private opening: Promise<TelegramConnection> | undefined;

  constructor(
    private readonly deps: HoldDeps,
    /** Which of the account's logins. */
    readonly number: number,
    private current: Session,
    readonly lease: LeaseHolder,
  ) {}

  /** Whether the login may be used right now. */
  get isHeld(): boolean {
    return !this.ended && this.lease.isHeld;
  }

  /** Called before every write to a socket of this login. Throws unless it is held. */
  readonly guard = (): void => {
    if (this.ended) throw new NotHeldError('this process no longer holds the login');
    this.lease.check();
  };

  /** The session as it is on disk and here. */
  get session(): Session {
    return this.current;
  }

  /** Writes the session file. Throws if the login is no longer held. */
  save(session: Session): void {
    this.guard();
    this.deps.sessions.write(this.number, session);
    this.current = session;
  }

  /** The one main connection, opened on demand and reopened after it broke. */
  async connected(): Promise<TelegramConnection> {
    this.guard();
    if (this.connection?.isOpen) return this.connection;
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return await this.opening;
  }

  /** Ends it for good; pending calls are rejected, and a connection being opened is closed once it is there. */
  async end(): Promise<void> {
    this.ended = true;
    await this.connection?.close();
  }

  /** Ends it and releases the lease. */
  async release(): Promise<void> {
    await this.end();
    await this.opening?.catch(() => {});
    await this.lease.release();
  }

  private async open(): Promise<TelegramConnection> {
    const connection = await this.openHome().catch(async (error: unknown) => {
      if (!(error instanceof ConnectionLostError)) throw error;
      await this.findAddresses(); // the data centre may have moved
      return await this.openHome();
    });
    try {
      const addresses = advertised(await connection.call(new Api.help.GetConfig()));
      const isNews = JSON.stringify(addresses) !== JSON.stringify(this.current.addresses);
      if (isNews) this.save({ ...this.current, addresses });
      await this.lookUpLimits(connection);
      await recordLogin(this.deps.db, null);
      this.guard(); // opening takes its time, and the lease may have been lost meanwhile
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.deps.log.info({ dc: this.current.homeDc }, 'connected to Telegram');
    this.connection = connection;
    return connection;
  }

  /** Telegram's wishes are no condition for anything: what it refuses to say, such as with a flood wait, is asked the next time. */
  private async lookUpLimits(connection: TelegramConnection): Promise<void> {
    try {
      const limits = downloadLimits(await connection.call(new Api.help.GetAppConfig({ hash: 0 })));
      if (limits) await recordDownloadLimits(this.deps.db, limits);
    } catch (error) {
      if (!(error instanceof TelegramError || error instanceof FloodWaitError)) throw error;
      this.deps.log.debug({ reason: error.message }, 'download limits are not known');
    }
  }

  private async openHome(): Promise<TelegramConnection> {
    const { config, listener } = this.deps;
    const { addresses, homeDc } = this.current;
    const known = mainAddresses([...addresses, ...firstAddresses(config.tg.server).addresses], homeDc);
    if (known.length === 0) throw new ConnectionLostError(`the address of data centre ${homeDc} is not known`);
    const how = {
      key: keyOf(this.current, homeDc),
      ...reachOf(config),
      guard: this.guard,
      onUpdate: (it: unknown) => listener.onUpdate(it),
      onMissed: () => listener.onMissed(),
    };
    return await this.reach.open(known, (address) => TelegramConnection.open({ address, ...how }));
  }

  /** Asks the data centre where logins start for all addresses, anonymously: with a key that no login has. */
  private async findAddresses(): Promise<void> {
    const { config } = this.deps;
    const { entryDc, addresses } = firstAddresses(config.tg.server);
    const how = { key: undefined, ...reachOf(config), guard: this.guard };
    const known = mainAddresses(addresses, entryDc);
    const entry = await this.reach.open(known, (address) => TelegramConnection.open({ address, ...how }));
    try {
      this.save({ ...this.current, addresses: advertised(await entry.call(new Api.help.GetConfig())) });
    } finally {
      await entry.close();
    }
  }
}
