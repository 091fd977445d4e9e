/**
 * connection.ts: one TCP connection to one data centre, built on GramJS's sender without its reconnects: every call has a time-out, and
 * a broken connection stays dead, with its calls rejected. Callers open another one.
 */
import { Api, AuthKey, LogLevel, Logger as QuietLogger, type MTProtoSender, UpdateConnectionState } from './gramjs.js';
import { layer } from './layer.js';
import { version } from '../../app/index.js';
import type { Config } from '../../config/index.js';
import { ConnectionLostError } from '../../errors/index.js';
import { KeyLostError, meaningOf, NotHeldError, TelegramError } from './errors.js';
import { trusting } from './server-key.js';
import { FullConnection } from './full-connection.js';
import { type Guard, guardedSocket } from './socket.js';
// oxlint-disable-next-line import/no-unassigned-import -- replaces GramJS's own encryption
import './sealed-state.js';
import { Unread } from './lenient-reader.js';
import { OneConnectionSender, type SenderOptions } from './sender.js';
import { unreadIn, UnreadError, watchAnswer } from './unread.js';

/** Where a data centre listens. */
export interface Address {
  dcId: number;
  host: string;
  port: number;
  mediaOnly: boolean;
  /** Belongs to a CDN: not trusted, and told nothing about us. */
  cdn?: boolean | undefined;
}

export interface ConnectionOptions {
  address: Address;
  /** If undefined, a new key is negotiated with the server. */
  key: Buffer | undefined;
  /** The RSA keys, in PEM format, that the server may authenticate with; by default Telegram's own. */
  trusted?: readonly string[];
  apiId: number;
  /** URL of a SOCKS5 proxy. */
  proxy: string | null;
  /** Called before every write; throws if nothing may be sent. */
  guard?: Guard;
  /** Gets the server's unsolicited updates. */
  onUpdate?: (update: unknown) => void;
  /** Called if there may have been updates that did not come: a new session began, the connection was lost, something could not be read. */
  onMissed?: () => void;
  /** It is for files only: the server must not push updates over it, where nobody would hear them. */
  isForFiles?: boolean;
}

export interface CallOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called when the connection is there, just before the request is sent, also when it is sent again. */
  onSend?: () => void;
  /** Returns a partly unreadable answer as far as it was read (see `unreadIn`) instead of throwing an {@link UnreadError}. */
  partial?: boolean;
}

/** Something that can make calls: the account, or a login's connection. */
export interface Caller {
  call<R extends Api.AnyRequest>(request: R, options?: CallOptions): Promise<R['__response']>;
}

const connectTimeoutMs = 10_000;
const callTimeoutMs = 30_000;
const keyExchangeTries = 3;

export class TelegramConnection {
  private initialised = false;
  private heard = false;
  private lostWith: Error | undefined;
  /** Rejects the calls in flight. Not one shared promise: racing against it would keep every answer in memory as long as the connection. */
  private readonly pending = new Set<(error: Error) => void>();

  private constructor(
    readonly address: Address,
    private readonly apiId: number,
    private readonly isForFiles: boolean,
    private readonly onMissed: () => void,
    private readonly sender: () => MTProtoSender,
  ) {}

  /** Connects. Without a key, GramJS's key exchange fails now and then (it drops a leading zero byte) and is retried. */
  static async open(options: ConnectionOptions): Promise<TelegramConnection> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await trusting(options.trusted, () => TelegramConnection.openOnce(options));
      } catch (error) {
        if (options.key || error instanceof NotHeldError || attempt === keyExchangeTries) throw error;
      }
    }
  }

  private static async openOnce(options: ConnectionOptions): Promise<TelegramConnection> {
    const { address, key, apiId, guard = () => {}, onUpdate = () => {}, onMissed = () => {} } = options;
    let sender: MTProtoSender;
    const connection = new TelegramConnection(address, apiId, options.isForFiles ?? false, onMissed, () => sender);
    let failure: unknown;
    const log = new QuietLogger(LogLevel.NONE);
    sender = new OneConnectionSender({ onLost: (error) => connection.abandon(error), onMissed }, await authKey(key), {
      logger: log,
      dcId: address.dcId,
      retries: 1,
      delay: 0,
      isMainSender: false,
      securityChecks: true,
      updateCallback: (_client: unknown, update: unknown) => {
        if (!(update instanceof UpdateConnectionState)) onUpdate(update); // that is told by GramJS, not pushed
      },
      onConnectionBreak: () =>
        connection.abandon(new KeyLostError(`data centre ${address.dcId} does not know this login's key`)),
      client: { _errorHandler: async (error: unknown) => void (failure ??= error) },
    } as unknown as SenderOptions);
    // GramJS swallows what a write throws; the caller must learn that it had no right to send, not just that the connection broke.
    const reportingGuard = () => {
      try {
        guard();
      } catch (error) {
        connection.abandon(error as Error);
        throw error;
      }
    };
    const socket = new FullConnection({
      ip: address.host,
      port: address.port,
      dcId: address.dcId,
      loggers: log,
      socket: guardedSocket(reportingGuard, connectTimeoutMs, options.proxy),
      testServers: false,
    } as unknown as ConstructorParameters<typeof FullConnection>[0]);
    const connected = inTime(sender.connect(socket, false), connectTimeoutMs * 2).catch((error) => {
      failure ??= error;
      return false;
    });
    if (!(await connected) || connection.lostWith) {
      await connection.close();
      if (connection.lostWith instanceof NotHeldError) throw connection.lostWith;
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

  /** Lost before any call was answered: something accepts connections there but never answers. */
  get wasMute(): boolean {
    return !this.isOpen && !this.heard;
  }

  /** Calls a method. The first call also introduces us to the server, and so does the next one if the server has forgotten us. */
  async call<R extends Api.AnyRequest>(request: R, options: CallOptions = {}): Promise<R['__response']> {
    const isKnown = this.initialised;
    try {
      return await this.ask(request, options);
    } catch (error) {
      if (!isKnown || !(error instanceof TelegramError) || error.reason !== 'CONNECTION_NOT_INITED') throw error;
      this.initialised = false;
      return await this.ask(request, options);
    }
  }

  private async ask<R extends Api.AnyRequest>(request: R, options: CallOptions): Promise<R['__response']> {
    const method = request.className;
    if (this.lostWith) throw this.lostWith;
    options.signal?.throwIfAborted();
    options.onSend?.();
    try {
      const sent = this.initialised ? request : this.introduced(request);
      watchAnswer(sent);
      const answer = await this.answered(this.sender().send(sent) as Promise<R['__response']>, method, options);
      this.initialised = true;
      this.heard = true;
      const unread = unreadIn(answer);
      if (unread && (!options.partial || answer instanceof Unread)) throw new UnreadError(unread, method);
      return answer;
    } catch (error) {
      if (!(error instanceof ConnectionLostError) && !options.signal?.aborted) this.heard = true;
      throw meaningOf(error, method);
    }
  }

  /** Waits for the answer; throws on a time-out, a lost connection or an abort. */
  private async answered<T>(answer: Promise<T>, method: string, { signal, timeoutMs = callTimeoutMs }: CallOptions) {
    return await new Promise<T>((resolve, reject) => {
      const onAbort = () => settle(() => reject(signal?.reason as Error));
      // The answer may be lost or the connection half open; a new connection works in either case.
      const onLate = () => this.abandon(new ConnectionLostError(`${method}: no answer within ${timeoutMs / 1000} s`));
      const onLost = (error: Error) => settle(() => reject(error));
      const timer = setTimeout(onLate, timeoutMs);
      const settle = (how: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.pending.delete(onLost);
        how();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.pending.add(onLost);
      answer.then(
        (it) => settle(() => resolve(it)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  /** Closes the connection; pending calls are rejected. */
  async close(): Promise<void> {
    this.abandon(new ConnectionLostError('the connection was closed'));
  }

  private abandon(error: Error): void {
    if (this.isOpen) this.onMissed();
    this.lostWith ??= error;
    for (const reject of this.pending) reject(this.lostWith);
    void this.sender()
      .disconnect()
      .catch(() => {});
  }

  private introduced(query: Api.AnyRequest): Api.AnyRequest {
    const device = this.address.cdn
      ? { deviceModel: 'n/a', systemVersion: 'n/a', appVersion: 'n/a' }
      : { deviceModel: 'tgsync', systemVersion: process.platform, appVersion: version };
    const languages = { systemLangCode: 'en', langPack: '', langCode: 'en' };
    const asked = this.isForFiles && !this.address.cdn ? new Api.InvokeWithoutUpdates({ query }) : query;
    return new Api.InvokeWithLayer({
      layer,
      query: new Api.InitConnection({ apiId: this.apiId, ...device, ...languages, query: asked }),
    });
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

/** How to reach Telegram, from config.json. */
export function reachOf({ tg }: Config): Pick<ConnectionOptions, 'apiId' | 'proxy'> {
  return { apiId: tg.api_id, proxy: tg.proxy };
}
