/**
 * cdn-file.ts: one file on a CDN data centre (core.telegram.org/cdn). The CDN is not trusted: nothing it sends is accepted without a hash
 * from the file's own data centre, and none of its errors says anything about the file.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import { ConnectionLostError, RetryAfterError } from '../../errors/index.js';
import { decrypted, redirectOf, type Redirect } from './cdn.js';
import { checkedRead, WrongBytesError } from './checked-read.js';
import { TelegramError } from '../wire/errors.js';
import { KeyNeededError, type FileCalls } from './file-calls.js';
import { HashBook } from './hash-book.js';
import { areWhole, type FileHash, hashOf, type Range } from './hashes.js';

/** The redirect has expired: ask the file's own data centre again. */
export class RedirectOverError extends Error {
  override name = 'RedirectOverError';
}

/** The CDN does not have the file, or not the right bytes, which says nothing about the file. */
export class CdnFailedError extends Error {
  override name = 'CdnFailedError';
}

/** Broken connections to the CDN, without an answer in between, after which it is unusable. */
const patience = 3;
/** How often a file is re-uploaded to the CDN for one request: it may drop it again when its memory is full. */
const uploads = 5;
const uploadPauseMs = 500;

export class CdnFile {
  private readonly redirect: Redirect;
  private readonly book: HashBook;
  private uploading: Promise<void> | undefined;
  private turn: Promise<void> | undefined;
  private breaks = 0;
  private lastBreak: unknown;

  /** `homeDc`: the data centre that redirected us; `size`: the file's, in bytes. */
  constructor(
    private readonly calls: FileCalls,
    answer: Api.upload.FileCdnRedirect,
    private readonly homeDc: number,
    private readonly size: number,
    private readonly signal: AbortSignal,
  ) {
    this.redirect = redirectOf(answer);
    this.book = new HashBook((offset) => this.askHashes(offset), this.hashesOf(answer.fileHashes));
  }

  async read(range: Range, onWrong: (range: Range, dcId: number) => void): Promise<Uint8Array> {
    const { dcId } = this.redirect;
    const source = {
      name: `CDN data centre ${dcId}`,
      ask: ({ offset, limit }: { offset: number; limit: number }) => this.ask(offset, limit),
      hashes: (it: Range) => this.hashes(it),
      onWrong: (it: Range) => onWrong(it, dcId),
    };
    return await checkedRead(source, range).catch((error: unknown) => {
      throw error instanceof WrongBytesError ? new CdnFailedError(error.message) : error;
    });
  }

  /** Bytes without a hash are not accepted. */
  private async hashes(range: Range): Promise<FileHash[]> {
    const hashes = await this.book.covering(range);
    if (!areWhole(hashes, range))
      throw new CdnFailedError(`Telegram provides no hash for a file on the CDN near byte ${range.from}`);
    return hashes;
  }

  private async ask(offset: number, limit: number): Promise<Uint8Array> {
    const { dcId, token } = this.redirect;
    await (this.turn ??= this.calls.awaitTurn(dcId, 'upload.GetCdnFile'));
    for (let uploaded = 0; ; uploaded++) {
      const request = new Api.upload.GetCdnFile({ fileToken: token, offset: bigInt(offset), limit });
      const answer = await this.atCdn(this.calls.call(dcId, request, this.signal));
      this.breaks = 0;
      if (answer instanceof Api.upload.CdnFile) return decrypted(this.redirect, offset, answer.bytes);
      if (uploaded === uploads) throw new CdnFailedError(`CDN data centre ${dcId} does not have the file`);
      await (this.uploading ??= this.upload(answer.requestToken).finally(() => (this.uploading = undefined)));
    }
  }

  /** Flood waits, broken connections and lost keys are passed on; any other error only means that the CDN refused. */
  private async atCdn<T>(call: Promise<T>): Promise<T> {
    return await call.catch((error: unknown) => {
      this.signal.throwIfAborted();
      if (isOver(error)) throw new RedirectOverError('the CDN does not know the file token');
      if (error instanceof RetryAfterError) throw error;
      if (error instanceof KeyNeededError && !this.calls.keyIsLate(this.redirect.dcId)) throw error;
      if (error instanceof ConnectionLostError && this.countBreak(error) < patience) throw error;
      throw new CdnFailedError(`CDN data centre ${this.redirect.dcId} refused: ${(error as Error).message}`);
    });
  }

  /** All parts in flight over a connection get the same error when it breaks. */
  private countBreak(error: ConnectionLostError): number {
    if (error !== this.lastBreak) this.breaks++;
    this.lastBreak = error;
    return this.breaks;
  }

  /** Has the file's own data centre upload it to the CDN. */
  private async upload(requestToken: Buffer): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const request = new Api.upload.ReuploadCdnFile({ fileToken: this.redirect.token, requestToken });
        this.book.add(this.hashesOf(await this.atHome(request)));
        return;
      } catch (error) {
        const late = error instanceof TelegramError && error.reason === 'CDN_UPLOAD_TIMEOUT';
        if (!late) throw error;
        if (attempt === uploads) throw new CdnFailedError(error.message);
        await sleep(uploadPauseMs * attempt, undefined, { signal: this.signal });
      }
    }
  }

  private async askHashes(offset: number): Promise<FileHash[]> {
    const request = new Api.upload.GetCdnFileHashes({ fileToken: this.redirect.token, offset: bigInt(offset) });
    return this.hashesOf(await this.atHome(request));
  }

  private async atHome<R extends Api.AnyRequest>(request: R): Promise<R['__response']> {
    try {
      await this.calls.awaitTurn(this.homeDc, request.className);
      return await this.calls.call(this.homeDc, request, this.signal);
    } catch (error) {
      if (isOver(error)) throw new RedirectOverError('Telegram no longer knows the file token');
      throw error;
    }
  }

  private hashesOf(hashes: readonly Api.TypeFileHash[]): FileHash[] {
    return hashes.map((it) => hashOf(it, this.size));
  }
}

function isOver(error: unknown): boolean {
  return error instanceof TelegramError && /^(FILE|REQUEST)_TOKEN_INVALID$/.test(error.reason);
}
