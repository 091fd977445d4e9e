/**
 * login-line.ts: the connection used for logging in. A person takes minutes to find a code, and the server or a router may close it
 * meanwhile: it is reopened with the same key, and the login continues.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../wire/gramjs.js';
import type { Config } from '../../config/index.js';
import { ConnectionLostError, PersonError } from '../../errors/index.js';
import { advertised, firstAddresses, mainAddresses } from '../wire/addresses.js';
import { type Address, type Caller, type CallOptions, reachOf, TelegramConnection } from '../wire/connection.js';
import { Reach } from '../wire/reach.js';

/** How often a call is retried over a new connection. */
const tries = 4;
const pauseMs = 1000;

export class LoginLine implements Caller {
  addresses: readonly Address[];
  private connection: TelegramConnection | undefined;
  private dcId = 0;
  private readonly reach = new Reach();

  constructor(
    private readonly config: Config,
    private readonly onUpdate: (update: unknown) => void,
  ) {
    this.addresses = firstAddresses(config.tg.server).addresses;
  }

  /** Connects to where logins start. If that is down, any data centre tells where the right one is. */
  async enter(): Promise<void> {
    const { entryDc } = firstAddresses(this.config.tg.server);
    const others = [...new Set(this.addresses.map((it) => it.dcId))].filter((it) => it !== entryDc);
    let failure: unknown;
    for (const dcId of [entryDc, ...others]) {
      try {
        return await this.moveTo(dcId);
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
        failure ??= error;
      }
    }
    throw new PersonError(
      `Telegram is unreachable (${(failure as Error).message}). Check the internet connection, or set tg.proxy.`,
    );
  }

  /** Connects to another data centre, with a new key. */
  async moveTo(dcId: number): Promise<void> {
    await this.connection?.close();
    this.connection = await this.open(dcId, undefined);
    this.dcId = dcId;
    this.addresses = advertised(await this.connection.call(new Api.help.GetConfig()));
  }

  get homeDc(): number {
    return this.dcId;
  }

  get key(): Buffer {
    return this.connection!.key;
  }

  async call<R extends Api.AnyRequest>(request: R, options?: CallOptions): Promise<R['__response']> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.connection!.isOpen) this.connection = await this.open(this.dcId, this.key);
        return await this.connection!.call(request, options);
      } catch (error) {
        if (!(error instanceof ConnectionLostError) || attempt === tries) throw error;
        await sleep(pauseMs * attempt);
      }
    }
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }

  private async open(dcId: number, key: Buffer | undefined): Promise<TelegramConnection> {
    const known = mainAddresses(this.addresses, dcId);
    if (known.length === 0)
      throw new PersonError(`Telegram redirected us to data centre ${dcId} without giving its address.`);
    const how = { key, ...reachOf(this.config), onUpdate: this.onUpdate };
    return await this.reach.open(known, (address) => TelegramConnection.open({ address, ...how }));
  }
}
