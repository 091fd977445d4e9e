/**
 * file-sizes.ts: the sizes of a photo and the thumbnails of a document, in every form of the schema.
 * Only this file decides which of them the server serves, and with how many bytes.
 */
import type { TlObject } from '../tl/value.js';

/** One still size. `steps` makes it progressive: the byte counts after which each scan is complete; the last is the total. */
export interface StillSize {
  readonly form: 'size' | 'progressive' | 'cached' | 'stripped' | 'path' | 'empty';
  readonly type: string;
  readonly w: number;
  readonly h: number;
  readonly size: number;
  /** The size in bytes that clients are told, if it is wrong. */
  readonly claimed?: number;
  readonly steps?: readonly number[];
}

/** One moving size: of an animated profile photo, or of an animation's preview. */
export interface MovingSize {
  readonly type: string;
  readonly w: number;
  readonly h: number;
  readonly size: number;
  readonly startTs?: number;
}

/** Whether `upload.getFile` serves this size; the others are part of the message. */
export const isServed = (size: StillSize): boolean => ['size', 'progressive', 'cached'].includes(size.form);

/** The largest still size by area, then by bytes: the one an archiver saves. */
export function largestOf(sizes: readonly StillSize[]): StillSize | undefined {
  return sizes
    .filter(isServed)
    .reduce<StillSize | undefined>(
      (best, it) => (best && (best.w * best.h - it.w * it.h || best.size - it.size) >= 0 ? best : it),
      undefined,
    );
}

/** A `PhotoSize`; `bytes` returns the content of those that include it. */
export function stillSizeTl(it: StillSize, bytes: (size: StillSize) => Uint8Array): TlObject {
  const { type, w, h } = it;
  const size = it.claimed ?? it.size;
  switch (it.form) {
    case 'size':
      return { _: 'photoSize', type, w, h, size };
    case 'progressive':
      return { _: 'photoSizeProgressive', type, w, h, sizes: [...(it.steps ?? [0]).slice(0, -1), size] };
    case 'cached':
      return { _: 'photoCachedSize', type, w, h, bytes: bytes(it) };
    case 'stripped':
      return { _: 'photoStrippedSize', type, bytes: bytes(it) };
    case 'path':
      return { _: 'photoPathSize', type, bytes: bytes(it) };
    case 'empty':
      return { _: 'photoSizeEmpty', type };
  }
}

/** A `VideoSize`. */
export function movingSizeTl(it: MovingSize): TlObject {
  const { type, w, h, size } = it;
  return { _: 'videoSize', type, w, h, size, video_start_ts: it.startTs };
}
