/**
 * connection.ts: one TCP connection to one data centre, on GramJS's sender without its reconnects:
 * every call has a time-out, and a connection that broke once is dead for good, its calls rejected. Who needs it opens another.
 */
import { Api } from 'telegram';
import { AuthKey } from 'telegram/crypto/AuthKey.js';
import { Logger as QuietLogger, LogLevel } from 'telegram/extensions/Logger.js';
import { ConnectionTCPFull } from 'telegram/network/index.js';
import { MTProtoSender } from 'telegram/network/MTProtoSender.js';
import { LAYER } from 'telegram/tl/AllTLObjects.js';
import type { Config } from '../config/index.js';
import { ConnectionLostError } from '../errors/index.js';
import { KeyLostError, meaningOf } from './errors.js';
import { trusting } from './server-key.js';
import { type Guard, guardedSocket } from './socket.js';

/** Where a data centre listens. */
export interface Address {
  dcId: number;
  host: string;
  port: number;
  mediaOnly: boolean;
  /** A CDN's: not trusted, and told nothing about us. */
  cdn?: boolean | undefined;
}

export interface ConnectionOptions {
  address: Address;
  /** Absent: a new key is made with the server. */
  key: Buffer | undefined;
  /** The RSA keys in PEM form by which alone the server may prove itself; absent: Telegram's own. */
  trusted?: readonly string[];
  apiId: number;
  /** URL of a SOCKS5 proxy. */
  proxy: string | null;
  /** Asked before every write. */
  guard?: Guard;
  /** Gets what the server tells without being asked. */
  onUpdate?: (update: unknown) => void;
}

export interface CallOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
}

const connectTimeoutMs = 10_000;
const callTimeoutMs = 30_000;
const keyExchangeTries = 3;

/** What GramJS's typings hide of its sender. */
type SenderOptions = ConstructorParameters<typeof MTProtoSender>[1];

export class TelegramConnection {
  private initialised = false;
  private lostWith: Error | undefined;
  /** Rejections of the calls under way. Not one shared promise: a race with it would keep every answer alive as long as the connection. */
  private readonly pending = new Set<(error: Error) => void>();

  private constructor(
    readonly address: Address,
    private readonly apiId: number,
    private readonly sender: () => MTProtoSender,
  ) {}

  /** Connects. Without a key GramJS's exchange fails now and then (it drops a leading zero byte): then it is tried again. */
  static async open(options: ConnectionOptions): Promise<TelegramConnection> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await trusting(options.trusted, () => TelegramConnection.openOnce(options));
      } catch (error) {
        if (options.key || attempt === keyExchangeTries) throw error;
      }
    }
  }

  private static async openOnce(options: ConnectionOptions): Promise<TelegramConnection> {
    const { address, key, apiId, guard = () => {}, onUpdate = () => {} } = options;
    let sender: MTProtoSender;
    const connection = new TelegramConnection(address, apiId, () => sender);
    let failure: unknown;
    const log = new QuietLogger(LogLevel.NONE);
    sender = new OneConnectionSender((error) => connection.abandon(error), await authKey(key), {
      logger: log,
      dcId: address.dcId,
      retries: 1,
      delay: 0,
      isMainSender: false,
      securityChecks: true,
      updateCallback: (_client: unknown, update: unknown) => onUpdate(update),
      onConnectionBreak: () =>
        connection.abandon(new KeyLostError(`data centre ${address.dcId} does not know our key`)),
      client: { _errorHandler: async (error: unknown) => void (failure ??= error) },
    } as unknown as SenderOptions);
    const socket = new ConnectionTCPFull({
      ip: address.host,
      port: address.port,
      dcId: address.dcId,
      loggers: log,
      socket: guardedSocket(guard, connectTimeoutMs, options.proxy),
      testServers: false,
    } as unknown as ConstructorParameters<typeof ConnectionTCPFull>[0]);
    const connected = inTime(sender.connect(socket, false), connectTimeoutMs * 2).catch((error) => {
      failure ??= error;
      return false;
    });
    if (!(await connected) || connection.lostWith) {
      await connection.close();
      const why = failure instanceof Error ? `: ${failure.message}` : '';
      throw new ConnectionLostError(
        `no connection to data centre ${address.dcId} at ${address.host}:${address.port}${why}`,
        {
          cause: failure,
        },
      );
    }
    return connection;
  }

  /** The auth key, 256 bytes. */
  get key(): Buffer {
    return this.sender().authKey.getKey()!;
  }

  get isOpen(): boolean {
    return this.lostWith === undefined;
  }

  /** Calls a method; the first call also tells the server who we are. */
  async call<R extends Api.AnyRequest>(request: R, options: CallOptions = {}): Promise<R['__response']> {
    const method = request.className;
    if (this.lostWith) throw this.lostWith;
    options.signal?.throwIfAborted();
    const timeoutMs = options.timeoutMs ?? callTimeoutMs;
    try {
      const result = await new Promise<R['__response']>((resolve, reject) => {
        const onAbort = () => settle(() => reject(options.signal?.reason as Error));
        // Nobody can tell whether the answer is lost or the connection is half open: the next one will do better.
        const onLate = () => this.abandon(new ConnectionLostError(`${method}: no answer within ${timeoutMs / 1000} s`));
        const onLost = (error: Error) => settle(() => reject(error));
        const timer = setTimeout(onLate, timeoutMs);
        const settle = (how: () => void) => {
          clearTimeout(timer);
          options.signal?.removeEventListener('abort', onAbort);
          this.pending.delete(onLost);
          how();
        };
        options.signal?.addEventListener('abort', onAbort, { once: true });
        this.pending.add(onLost);
        (this.sender().send(this.initialised ? request : this.introduced(request)) as Promise<R['__response']>).then(
          (answer) => settle(() => resolve(answer)),
          (error: unknown) => settle(() => reject(error)),
        );
      });
      this.initialised = true;
      return result;
    } catch (error) {
      throw meaningOf(error, method);
    }
  }

  /** Ends the connection; calls under way are rejected. */
  async close(): Promise<void> {
    this.abandon(new ConnectionLostError('the connection was closed'));
  }

  private abandon(error: Error): void {
    this.lostWith ??= error;
    for (const reject of this.pending) reject(this.lostWith);
    void this.sender()
      .disconnect()
      .catch(() => {});
  }

  private introduced(query: Api.AnyRequest): Api.AnyRequest {
    const device = this.address.cdn
      ? { deviceModel: 'n/a', systemVersion: 'n/a', appVersion: 'n/a' }
      : { deviceModel: 'tgsync', systemVersion: process.platform, appVersion: '0.1.0' };
    const languages = { systemLangCode: 'en', langPack: '', langCode: 'en' };
    return new Api.InvokeWithLayer({
      layer: LAYER,
      query: new Api.InitConnection({ apiId: this.apiId, ...device, ...languages, query }),
    });
  }
}

/** GramJS's sender, but a broken connection is reported instead of made again without end. */
class OneConnectionSender extends MTProtoSender {
  constructor(
    private readonly onLost: (error: Error) => void,
    key: AuthKey | undefined,
    options: SenderOptions,
  ) {
    super(key, options);
  }

  override reconnect(): void {
    this.onLost(new ConnectionLostError('the connection to Telegram broke'));
  }
}

async function authKey(key: Buffer | undefined): Promise<AuthKey | undefined> {
  if (!key) return undefined;
  const made = new AuthKey();
  await made.setKey(key);
  return made;
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectionLostError(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How tgsync reaches Telegram, as config.json says. */
export function reachOf({ tg }: Config): Pick<ConnectionOptions, 'apiId' | 'proxy'> {
  return { apiId: tg.api_id, proxy: tg.proxy };
}
