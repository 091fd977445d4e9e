/**
 * remote-file.ts: a file as seen by a download: its bytes come from its own data centre or a CDN it redirects to, and are checked against
 * Telegram's hashes as far as the settings ask for it; those from a CDN always. An unusable CDN is abandoned.
 */
import bigInt from 'big-integer';
import { Api } from '../wire/gramjs.js';
import type { Logger } from '../../app/index.js';
import type { CheckHashes } from '../../config/index.js';
import type { Media } from '../../db/media.js';
import { PermanentError } from '../../errors/index.js';
import { CdnFailedError, CdnFile, RedirectOverError } from './cdn-file.js';
import { checkedRead } from './checked-read.js';
import { TelegramError } from '../wire/errors.js';
import type { FileCalls } from './file-calls.js';
import { HashBook } from './hash-book.js';
import { type FileHash, hashOf, matches, type Range, sampledOffsets } from './hashes.js';

/** Redirects in a row for one part after which a CDN is abandoned, and after as many more the attempt fails. */
const redirects = 5;

/** Telegram redirected us to a CDN. */
class Redirected extends Error {
  constructor(readonly answer: Api.upload.FileCdnRedirect) {
    super('redirected');
  }
}

export interface RemoteFileDeps {
  calls: FileCalls;
  checkHashes: () => CheckHashes;
  log: Logger;
}

export class RemoteFile {
  private cdn: CdnFile | undefined;
  /** A CDN was unusable: read from the file's own data centre. */
  private hasLeftCdn = false;
  private readonly size: number;
  private readonly samples: readonly number[];
  private readonly book: HashBook;

  constructor(
    private readonly deps: RemoteFileDeps,
    private readonly media: Media,
    private readonly signal: AbortSignal,
  ) {
    this.size = Number(media.size);
    this.samples = sampledOffsets(media.id, this.size);
    this.book = new HashBook((offset) => this.askHashes(offset));
  }

  /** The bytes of a range, cut at the end of the file. */
  async read(offset: number, limit: number): Promise<Uint8Array> {
    const range = { from: offset, to: Math.min(offset + limit, this.size) };
    for (let moves = 0; ; moves++) {
      const { cdn } = this;
      try {
        return await (cdn?.read(range, this.onWrong) ?? this.readAtHome(range));
      } catch (error) {
        if (error instanceof CdnFailedError) this.leaveCdn(error.message);
        else if (error instanceof Redirected || error instanceof RedirectOverError) this.move(error, cdn, moves);
        else throw error;
      }
    }
  }

  /**
   * Whether existing bytes are the file's, by Telegram's hashes of all of them. undefined: Telegram provides none. `readLocal` reads a
   * range of the bytes.
   */
  async isEqual(readLocal: (range: Range) => Promise<Uint8Array>): Promise<boolean | undefined> {
    for (let offset = 0; offset < this.size;) {
      const hash = await this.book.at(offset);
      if (!hash) return undefined;
      if (!matches(hash, [await readLocal(hash)])) return false;
      offset = hash.to;
    }
    return this.size > 0 ? true : undefined;
  }

  private move(to: Redirected | RedirectOverError, from: CdnFile | undefined, moves: number): void {
    const [isLong, isEndless] = [moves >= redirects, moves >= redirects * 2];
    if (isEndless) throw new Error('the CDN redirect expired repeatedly', { cause: to });
    if (isLong) this.leaveCdn('its redirect expired repeatedly');
    // If several parts were redirected at once, the first redirect counts.
    if (this.cdn === from) this.cdn = to instanceof Redirected && !this.hasLeftCdn ? this.onCdn(to.answer) : undefined;
  }

  private leaveCdn(reason: string): void {
    this.cdn = undefined;
    if (this.hasLeftCdn) return;
    this.hasLeftCdn = true;
    const { kind, id, dcId } = this.media;
    this.deps.log.warn({ kind, id, dc: dcId, reason }, "CDN unusable, falling back to the file's own data centre");
  }

  private onCdn(answer: Api.upload.FileCdnRedirect): CdnFile {
    const { dcId } = this.media;
    return new CdnFile(this.deps.calls, answer, dcId, this.size, this.signal);
  }

  private async readAtHome(range: Range): Promise<Uint8Array> {
    const source = {
      name: 'Telegram',
      ask: ({ offset, limit }: { offset: number; limit: number }) => this.ask(offset, limit),
      hashes: (it: Range) => this.hashes(it),
      onWrong: (it: Range) => this.onWrong(it, this.media.dcId),
    };
    return await checkedRead(source, range);
  }

  private async ask(offset: number, limit: number): Promise<Uint8Array> {
    const location = locationOf(this.media);
    const request = new Api.upload.GetFile({ cdnSupported: !this.hasLeftCdn, location, offset: bigInt(offset), limit });
    const answer = await this.deps.calls.call(this.media.dcId, request, this.signal);
    if (answer instanceof Api.upload.FileCdnRedirect) throw new Redirected(answer);
    const wanted = Math.min(limit, this.size - offset);
    if (answer.bytes.length === wanted) return answer.bytes;
    throw new Error(`Telegram sent ${answer.bytes.length} bytes instead of ${wanted} at byte ${offset}`);
  }

  /** What has to be checked of a range, by the settings. */
  private async hashes(range: Range): Promise<FileHash[]> {
    const which = this.deps.checkHashes();
    if (which === 'never') return [];
    if (which === 'always') return await this.book.covering(range);
    const sampled = this.samples.filter((it) => it >= range.from && it < range.to);
    const hashes = await Promise.all(sampled.map((it) => this.book.at(it)));
    return [...new Set(hashes)].filter((it) => it !== undefined);
  }

  /** None if the server has none, or does not answer. */
  private async askHashes(offset: number): Promise<FileHash[]> {
    const { calls, log } = this.deps;
    const request = new Api.upload.GetFileHashes({ location: locationOf(this.media), offset: bigInt(offset) });
    await calls.awaitTurn(this.media.dcId, request.className);
    try {
      const hashes = await calls.call(this.media.dcId, request, this.signal);
      return hashes.map((it) => hashOf(it, this.size));
    } catch (error) {
      if (!(error instanceof TelegramError || error instanceof PermanentError)) throw error;
      log.debug(
        { kind: this.media.kind, id: this.media.id, reason: error.message },
        'no hashes available; not checked',
      );
      return [];
    }
  }

  private readonly onWrong = (range: Range, dcId: number): void => {
    const { kind, id } = this.media;
    this.deps.log.warn({ kind, id, dc: dcId, from: range.from, to: range.to }, 'wrong bytes; part rejected');
  };
}

function locationOf(media: Media): Api.TypeInputFileLocation {
  const common = {
    id: bigInt(media.id),
    accessHash: bigInt(media.accessHash),
    fileReference: Buffer.from(media.fileReference),
    thumbSize: media.thumbSize ?? '',
  };
  return media.kind === 'photo' ? new Api.InputPhotoFileLocation(common) : new Api.InputDocumentFileLocation(common);
}
