/**
 * cdn-files.ts: what the CDN holds and by which tokens it is asked for: core.telegram.org/cdn.
 * A token names one size of one file and is good at the CDN and at the file's own data centre, until it expires.
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
  /** Files in the CDN's memory, under the token they were encrypted for. */
  readonly #held = new Set<CdnToken>();
  /** What the CDN gave out to be uploaded by; each is good for one use. */
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

  /** What a token is for. */
  find(token: Uint8Array): CdnToken {
    const known = this.#tokens.get(hex(token));
    if (!known) throw new RpcError(400, 'FILE_TOKEN_INVALID');
    return known;
  }

  /** What a token is for, asked at a master data centre: only that of the file knows it. */
  atHome(token: Uint8Array, dc: number): CdnToken {
    const known = this.find(token);
    if (known.target.media.dc !== dc) throw new RpcError(400, 'FILE_TOKEN_INVALID');
    return known;
  }

  holds(token: CdnToken): boolean {
    return this.#held.has(token);
  }

  /** By which a client asks for a file to be given to the CDN. */
  requestToken(token: CdnToken): Buffer {
    const request = randomBytes(32);
    this.#requests.set(hex(request), token);
    return request;
  }

  /** Gives a file to the CDN. */
  reupload(token: Uint8Array, request: Uint8Array, dc: number): CdnToken {
    const known = this.atHome(token, dc);
    if (this.#requests.get(hex(request)) !== known) throw new RpcError(400, 'REQUEST_TOKEN_INVALID');
    this.#requests.delete(hex(request));
    this.#held.add(known);
    return known;
  }

  /** Refuses every token given out so far. */
  expireTokens(): void {
    this.#tokens.clear();
    this.#byFile.clear();
    this.#held.clear();
    this.#requests.clear();
  }

  /** Empties the CDN's memory. */
  dropFiles(): void {
    this.#held.clear();
  }
}
