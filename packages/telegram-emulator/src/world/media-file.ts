/**
 * media-file.ts: a photo and a document: identity, data centre, sizes, bytes.
 * Bytes are never stored: they are computed for the requested range, whatever the file's size.
 */
import { createHash } from 'node:crypto';
import type { TlObject } from '../tl/value.js';
import { sourceBytes, type ByteSource } from './file-bytes.js';
import { largestOf, isServed, movingSizeTl, stillSizeTl, type MovingSize, type StillSize } from './file-sizes.js';
import { magicOf } from './magic.js';
import { hashText } from './random.js';

/** A popular file: the CDN has it cached, or it must be uploaded with `upload.reuploadCdnFile` first. */
export type OnCdn = 'held' | 'not yet';

/** Which file it is, and where it is stored. */
export interface Identity {
  readonly id: bigint;
  readonly accessHash: bigint;
  readonly dc: number;
  readonly date: number;
  readonly cdn: OnCdn | undefined;
}

/** What a photo and a document have in common. */
abstract class MediaFile {
  abstract readonly kind: 'photo' | 'document';
  /** Whether downloads are redirected to the CDN, and whether the CDN has the file cached. */
  readonly cdn: OnCdn | undefined;
  /** Increased to expire the references given out so far. */
  referenceEpoch = 0;
  /** References issued before this epoch belong to an old location. */
  movedAtEpoch = 0;
  readonly #formerHashes = new Set<bigint>();
  readonly #sources = new Map<string, ByteSource>();

  readonly id: bigint;
  readonly date: number;
  #accessHash: bigint;
  #dc: number;

  constructor({ id, accessHash, dc, date, cdn }: Identity) {
    [this.id, this.#accessHash, this.#dc, this.date, this.cdn] = [id, accessHash, dc, date, cdn];
  }

  get accessHash(): bigint {
    return this.#accessHash;
  }

  get dc(): number {
    return this.#dc;
  }

  /** Moves the file to another location. */
  move(accessHash: bigint, dc: number): void {
    this.#formerHashes.add(this.#accessHash);
    [this.#accessHash, this.#dc] = [accessHash, dc];
  }

  /** Whether this access hash belongs to an old location. */
  hasMovedFrom(accessHash: bigint): boolean {
    return this.#formerHashes.has(accessHash);
  }

  /** Bytes that `upload.getFile` has for this `thumb_size`; undefined if it is not served. */
  abstract sizeOf(thumbSize: string): number | undefined;
  /** The mime type served for this `thumb_size`. */
  abstract typeOf(thumbSize: string): string;
  /** The schema's object, with a file reference. */
  abstract toTl(fileReference: Uint8Array): TlObject;
  /** The `thumb_size` that an archiver saves. */
  abstract get mainSize(): string;

  /** The bytes [offset, offset + length) of one size, cut at its end. */
  bytes(thumbSize: string, offset: number, length: number): Uint8Array {
    const size = this.sizeOf(thumbSize) ?? 0;
    const end = Math.min(size, offset + length);
    return end <= offset ? new Uint8Array(0) : this.inner(thumbSize, offset, end - offset);
  }

  /** The bytes of any size, including those that are part of a message. */
  protected inner(thumbSize: string, offset: number, length: number): Uint8Array {
    let source = this.#sources.get(thumbSize);
    if (!source) {
      const hash = hashText(`${this.kind}/${this.id}/${thumbSize}`);
      const head = magicOf(this.typeOf(thumbSize));
      source = { high: Number(hash >> 32n), low: Number(hash & 0xffffffffn), head };
      this.#sources.set(thumbSize, source);
    }
    return sourceBytes(source, offset, length);
  }
}

/** A photo. */
export class PhotoFile extends MediaFile {
  readonly kind = 'photo';

  constructor(
    identity: Identity,
    readonly sizes: readonly StillSize[],
    readonly videoSizes: readonly MovingSize[] = [],
    readonly hasStickers = false,
  ) {
    super(identity);
  }

  get mainSize(): string {
    const largest = largestOf(this.sizes);
    if (!largest) throw new Error(`photo ${this.id} has no size that can be downloaded`);
    return largest.type;
  }

  sizeOf(thumbSize: string): number | undefined {
    const still = this.sizes.find((it) => it.type === thumbSize && isServed(it));
    return (still ?? this.videoSizes.find((it) => it.type === thumbSize))?.size;
  }

  typeOf(thumbSize: string): string {
    return this.videoSizes.some((it) => it.type === thumbSize) ? 'video/mp4' : 'image/jpeg';
  }

  toTl(fileReference: Uint8Array): TlObject {
    return {
      _: 'photo',
      has_stickers: this.hasStickers || undefined,
      id: this.id,
      access_hash: this.accessHash,
      file_reference: fileReference,
      date: this.date,
      sizes: this.sizes.map((it) => stillSizeTl(it, (size) => this.inner(size.type, 0, size.size))),
      video_sizes: this.videoSizes.length ? this.videoSizes.map(movingSizeTl) : undefined,
      dc_id: this.dc,
    };
  }
}

/** A document: anything that is not a photo. */
export class DocumentFile extends MediaFile {
  readonly kind = 'document';
  readonly mainSize = '';

  constructor(
    identity: Identity,
    readonly size: number,
    readonly mimeType: string,
    readonly attributes: readonly TlObject[],
    readonly thumbs: readonly StillSize[] = [],
    readonly videoThumbs: readonly MovingSize[] = [],
    /** The size in bytes that clients are told. */
    readonly claimedSize = size,
  ) {
    super(identity);
  }

  /** The name as a client decodes it; undefined if the sender gave none. */
  get name(): string | undefined {
    const attribute = this.attributes.find((it) => it._ === 'documentAttributeFilename');
    return attribute ? decodeText(attribute['file_name'] as string | Uint8Array) : undefined;
  }

  sizeOf(thumbSize: string): number | undefined {
    if (thumbSize === '') return this.size;
    const still = this.thumbs.find((it) => it.type === thumbSize && isServed(it));
    return (still ?? this.videoThumbs.find((it) => it.type === thumbSize))?.size;
  }

  typeOf(thumbSize: string): string {
    if (thumbSize === '') return this.mimeType;
    return this.videoThumbs.some((it) => it.type === thumbSize) ? 'video/mp4' : 'image/jpeg';
  }

  toTl(fileReference: Uint8Array): TlObject {
    return {
      _: 'document',
      id: this.id,
      access_hash: this.accessHash,
      file_reference: fileReference,
      date: this.date,
      mime_type: this.mimeType,
      size: BigInt(this.claimedSize),
      thumbs: this.thumbs.length
        ? this.thumbs.map((it) => stillSizeTl(it, (size) => this.inner(size.type, 0, size.size)))
        : undefined,
      video_thumbs: this.videoThumbs.length ? this.videoThumbs.map(movingSizeTl) : undefined,
      dc_id: this.dc,
      attributes: this.attributes,
    };
  }
}

/** A photo or a document. */
export type Media = PhotoFile | DocumentFile;

/** Text as a client decodes it: invalid UTF-8 becomes U+FFFD. */
export function decodeText(text: string | Uint8Array): string {
  return (typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text)).toString('utf8');
}

/** The bytes [offset, offset + length) of a media; for a photo, of its largest size unless another one is given. */
export function fileBytes(media: Media, offset: number, length: number, thumbSize = media.mainSize): Uint8Array {
  return media.bytes(thumbSize, offset, length);
}

const WINDOW = 1 << 20;

/** The SHA-256 of a media in hex; yields to other work between windows of 16 MiB. */
export async function fileSha256(media: Media): Promise<string> {
  const hash = createHash('sha256');
  const size = media.sizeOf(media.mainSize) ?? 0;
  for (let offset = 0; offset < size; offset += WINDOW) {
    hash.update(fileBytes(media, offset, WINDOW));
    if (offset % (16 * WINDOW) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}
