/**
 * new-media.ts: how a test's options for a photo or document become the schema's sizes and attributes.
 */
import type { TlObject } from '../tl/value.js';
import type { MovingSize, StillSize } from './file-sizes.js';
import { DocumentFile, type Identity, type OnCdn, PhotoFile } from './media-file.js';

/** Options for a photo; everything has a default. */
export interface NewPhoto {
  readonly id?: bigint;
  readonly dc?: number;
  readonly date?: number;
  /** Redirects downloads to the CDN. */
  readonly cdn?: OnCdn;
  /** Size of the largest size, in bytes. */
  readonly size?: number;
  /** The size that clients are told, if it is wrong. */
  readonly claimedSize?: number;
  readonly w?: number;
  readonly h?: number;
  /** All sizes, instead of the usual four. */
  readonly sizes?: readonly StillSize[];
  readonly videoSizes?: readonly MovingSize[];
  readonly hasStickers?: boolean;
}

/** Options for a document; everything has a default. */
export interface NewDocument {
  readonly id?: bigint;
  readonly dc?: number;
  readonly date?: number;
  /** Redirects downloads to the CDN. */
  readonly cdn?: OnCdn;
  readonly size?: number;
  /** The size that clients are told, if it is wrong. */
  readonly claimedSize?: number;
  /** Raw bytes if it is not valid UTF-8; null for a document without a name. */
  readonly name?: string | Uint8Array | null;
  readonly mimeType?: string;
  /** Additional attributes. */
  readonly attributes?: readonly TlObject[];
  readonly thumbs?: readonly StillSize[];
  readonly videoThumbs?: readonly MovingSize[];
}

/** The sizes of an ordinary photo: a preview inside the message, and three to download. */
export function usualSizes(size: number, w: number, h: number): StillSize[] {
  const scaled = (type: string, longest: number, bytes: number): StillSize => {
    const factor = Math.min(1, longest / Math.max(w, h));
    return {
      form: 'size',
      type,
      w: Math.max(1, Math.round(w * factor)),
      h: Math.max(1, Math.round(h * factor)),
      size: bytes,
    };
  };
  return [
    { form: 'stripped', type: 'i', w: 40, h: 40, size: 72 },
    scaled('m', 320, Math.max(1, Math.floor(size / 16))),
    scaled('x', 800, Math.max(1, Math.floor(size / 3))),
    { form: 'size', type: 'y', w, h, size },
  ];
}

/** A photo. */
export function buildPhoto(it: NewPhoto, identity: Identity): PhotoFile {
  const sizes = it.sizes ?? usualSizes(it.size ?? 60_000, it.w ?? 1280, it.h ?? 960);
  const photo = new PhotoFile(identity, sizes, it.videoSizes, it.hasStickers);
  const { claimedSize: claimed } = it;
  if (claimed === undefined) return photo;
  const wrong = sizes.map((size) => (size.type === photo.mainSize ? { ...size, claimed } : size));
  return new PhotoFile(identity, wrong, it.videoSizes, it.hasStickers);
}

/** A document. */
export function buildDocument(it: NewDocument, identity: Identity): DocumentFile {
  const name = it.name === undefined ? 'file.bin' : it.name;
  const named: TlObject[] = name === null ? [] : [{ _: 'documentAttributeFilename', file_name: name }];
  const attributes = [...(it.attributes ?? []), ...named];
  const mimeType = it.mimeType ?? 'application/octet-stream';
  const { size = 10_000, thumbs, videoThumbs, claimedSize } = it;
  return new DocumentFile(identity, size, mimeType, attributes, thumbs, videoThumbs, claimedSize);
}
