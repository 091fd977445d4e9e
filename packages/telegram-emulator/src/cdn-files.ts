/**
 * cdn-files.ts: what the CDN holds, and the tokens for it (core.telegram.org/cdn).
 * A token names one size of one file. It is valid at the CDN and at the file's own data centre until it expires.
 */
import { randomBytes } from 'node:crypto';
import { RpcError } from './service.js';
import type { Target } from './services/file-hashes.js';

/** What a redirected client gets. */
export interface CdnToken {
  readonly token: Buffer;
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly target: Target;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const nameOf = ({ media, thumbSize }: Target): string => `${media.kind} ${media.id} ${thumbSize}`;

export class CdnFiles {
  readonly #tokens = new Map<string, CdnToken>();
  readonly #byFile = new Map<string, CdnToken>();
  /** Files in the CDN's cache, by the token they were encrypted for. */
  readonly #held = new Set<CdnToken>();
  /** Request tokens that the CDN handed out for `upload.reuploadCdnFile`; each can be used once. */
  readonly #requests = new Map<string, CdnToken>();

  /** The token of a file: the same one until it expires. */
  tokenFor(target: Target): CdnToken {
    const known = this.#byFile.get(nameOf(target));
    if (known) return known;
    const made = { token: randomBytes(64), key: randomBytes(32), iv: randomBytes(16), target };
    this.#tokens.set(hex(made.token), made);
    this.#byFile.set(nameOf(target), made);
    if (target.media.cdn === 'held') this.#held.add(made);
    return made;
  }

  /** Looks a token up. Throws an {@link RpcError} if it is unknown. */
  find(token: Uint8Array): CdnToken {
    const known = this.#tokens.get(hex(token));
    if (!known) throw new RpcError(400, 'FILE_TOKEN_INVALID');
    return known;
  }

  /** Looks a token up at a master data centre: only the file's own one knows it. */
  atHome(token: Uint8Array, dc: number): CdnToken {
    const known = this.find(token);
    if (known.target.media.dc !== dc) throw new RpcError(400, 'FILE_TOKEN_INVALID');
    return known;
  }

  holds(token: CdnToken): boolean {
    return this.#held.has(token);
  }

  /** A request token, with which a client has a file uploaded to the CDN. */
  requestToken(token: CdnToken): Buffer {
    const request = randomBytes(32);
    this.#requests.set(hex(request), token);
    return request;
  }

  /** Uploads a file to the CDN. */
  reupload(token: Uint8Array, request: Uint8Array, dc: number): CdnToken {
    const known = this.atHome(token, dc);
    if (this.#requests.get(hex(request)) !== known) throw new RpcError(400, 'REQUEST_TOKEN_INVALID');
    this.#requests.delete(hex(request));
    this.#held.add(known);
    return known;
  }

  /** Expires every token handed out so far. */
  expireTokens(): void {
    this.#tokens.clear();
    this.#byFile.clear();
    this.#held.clear();
    this.#requests.clear();
  }

  /** Empties the CDN's cache. */
  dropFiles(): void {
    this.#held.clear();
  }
}
