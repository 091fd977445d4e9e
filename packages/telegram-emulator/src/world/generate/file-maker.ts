/**
 * file-maker.ts: photos and documents for the generator: every form in the schema, spread over the four data centres.
 */
import type { TlObject } from '../../tl/value.js';
import type { StillSize } from '../file-sizes.js';
import type { DocumentFile, PhotoFile } from '../media-file.js';
import type { NewDocument, NewPhoto } from '../new-media.js';
import type { Random } from '../random.js';
import type { World } from '../world.js';

const still = (form: StillSize['form'], type: string, w: number, h: number, size: number): StillSize => ({
  form,
  type,
  w,
  h,
  size,
});

const progressive = (type: string, w: number, h: number, size: number): StillSize => ({
  ...still('progressive', type, w, h, size),
  steps: [0.14, 0.3, 0.47, 0.72, 1].map((part) => Math.max(1, Math.round(size * part))),
});

/** Photos with sizes in every form and order. */
export const PHOTO_FORMS: Readonly<Record<string, (size: number) => NewPhoto>> = {
  usual: (size) => ({ size }),
  portrait: (size) => ({ size, w: 960, h: 1280 }),
  progressive: (size) => ({
    sizes: [still('stripped', 'i', 40, 30, 64), still('size', 'm', 320, 240, 9_000), progressive('y', 1280, 960, size)],
  }),
  'largest first': (size) => ({
    sizes: [
      progressive('w', 2560, 1920, size),
      still('size', 'y', 1280, 960, Math.ceil(size / 2)),
      still('size', 'm', 320, 240, Math.ceil(size / 9)),
      still('stripped', 'i', 40, 30, 60),
    ],
  }),
  'largest in the middle': (size) => ({
    sizes: [
      still('size', 's', 90, 67, 900),
      still('size', 'y', 1280, 960, size),
      still('size', 'x', 800, 600, Math.ceil(size / 3)),
    ],
  }),
  cached: (size) => ({
    sizes: [still('cached', 's', 90, 67, 1_200), still('size', 'x', 800, 600, size)],
  }),
  'with an empty size': (size) => ({
    sizes: [still('empty', 's', 0, 0, 0), still('path', 'j', 0, 0, 40), still('size', 'x', 800, 600, size)],
  }),
  'with video sizes': (size) => ({
    sizes: [
      still('size', 'a', 160, 160, 4_000),
      still('size', 'b', 320, 320, 9_000),
      still('size', 'c', 640, 640, size),
    ],
    videoSizes: [
      { type: 'p', w: 240, h: 240, size: 20_000 },
      { type: 'u', w: 800, h: 800, size: size * 3, startTs: 0.5 },
    ],
  }),
  'with stickers': (size) => ({ size, hasStickers: true }),
  tiny: () => ({ sizes: [still('size', 'm', 1, 1, 1)] }),
};

const thumbs = [still('stripped', 'i', 40, 30, 50), still('size', 'm', 320, 180, 7_000)];
const stickerSet = { _: 'inputStickerSetID', id: 1_258_816_259_753_929n, access_hash: -5_071_653_107_543_041n };
const video = (more: object): TlObject => ({
  _: 'documentAttributeVideo',
  duration: 12.4,
  w: 1280,
  h: 720,
  supports_streaming: true,
  ...more,
});

/** Documents of every kind that Telegram's clients distinguish. */
export const DOCUMENT_FORMS: Readonly<Record<string, NewDocument>> = {
  video: {
    mimeType: 'video/mp4',
    name: 'Evening at the lake.mp4',
    attributes: [video({ preload_prefix_size: 4096 })],
    thumbs,
  },
  'video without a name': { mimeType: 'video/mp4', name: null, attributes: [video({})], thumbs },
  'round video': {
    mimeType: 'video/mp4',
    name: null,
    attributes: [video({ round_message: true, w: 384, h: 384 })],
    thumbs: [still('size', 'm', 320, 320, 5_000)],
  },
  animation: {
    mimeType: 'video/mp4',
    name: 'wave.gif.mp4',
    attributes: [video({ nosound: true, w: 320, h: 240 }), { _: 'documentAttributeAnimated' }],
    thumbs,
    videoThumbs: [{ type: 'v', w: 160, h: 120, size: 9_000 }],
  },
  'gif image': {
    mimeType: 'image/gif',
    name: 'loop.gif',
    attributes: [{ _: 'documentAttributeImageSize', w: 200, h: 200 }, { _: 'documentAttributeAnimated' }],
  },
  voice: {
    mimeType: 'audio/ogg',
    name: null,
    attributes: [
      { _: 'documentAttributeAudio', voice: true, duration: 7, waveform: Uint8Array.from([0, 4, 17, 8, 66, 20, 12]) },
    ],
  },
  music: {
    mimeType: 'audio/mpeg',
    name: '07 - Río Abajo.mp3',
    attributes: [{ _: 'documentAttributeAudio', duration: 201, title: 'Río Abajo', performer: 'Los Vecinos' }],
    thumbs: [still('cached', 's', 90, 90, 800)],
  },
  sticker: {
    mimeType: 'image/webp',
    name: 'sticker.webp',
    attributes: [
      { _: 'documentAttributeImageSize', w: 512, h: 512 },
      { _: 'documentAttributeSticker', alt: '🐈', stickerset: stickerSet },
    ],
    thumbs: [still('path', 'j', 0, 0, 90), still('size', 'm', 320, 320, 3_000)],
  },
  'animated sticker': {
    mimeType: 'application/x-tgsticker',
    name: 'AnimatedSticker.tgs',
    attributes: [
      { _: 'documentAttributeImageSize', w: 512, h: 512 },
      { _: 'documentAttributeSticker', alt: '👋', stickerset: { _: 'inputStickerSetShortName', short_name: 'waving' } },
    ],
  },
  'video sticker': {
    mimeType: 'video/webm',
    name: 'sticker.webm',
    attributes: [
      video({ duration: 2.9, w: 512, h: 512, supports_streaming: undefined }),
      {
        _: 'documentAttributeSticker',
        mask: true,
        alt: '🎭',
        stickerset: { _: 'inputStickerSetEmpty' },
        mask_coords: { _: 'maskCoords', n: 1, x: 0.5, y: -0.25, zoom: 1.5 },
      },
    ],
  },
  'custom emoji': {
    mimeType: 'image/webp',
    name: 'emoji.webp',
    attributes: [
      { _: 'documentAttributeImageSize', w: 100, h: 100 },
      { _: 'documentAttributeCustomEmoji', free: true, alt: '🌻', stickerset: stickerSet },
    ],
  },
  'image as a file': {
    mimeType: 'image/png',
    name: 'Screenshot from 2024-05-01 10-20-30.png',
    attributes: [{ _: 'documentAttributeImageSize', w: 1920, h: 1080 }, { _: 'documentAttributeHasStickers' }],
    thumbs,
  },
  pdf: {
    mimeType: 'application/pdf',
    name: 'Minutes of the meeting.pdf',
    thumbs: [still('size', 'm', 226, 320, 6_000)],
  },
  archive: { mimeType: 'application/zip', name: 'holiday pictures.zip' },
  'text file': { mimeType: 'text/plain', name: 'shopping list.txt' },
  'no name': { mimeType: 'application/pdf', name: null },
  'no name, no known type': { mimeType: 'application/x-nobody-knows', name: null },
  'no name, no type': { mimeType: '', name: null },
  'odd type': { mimeType: '../../etc/x; charset="\u0000"', name: 'odd type' },
  'type in capitals': { mimeType: 'IMAGE/JPEG', name: null },
};

/** Makes files on each data centre in turn. */
export class FileMaker {
  #made = 0;

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  photo(form = 'usual', size = this.random.between(8_000, 60_000), more: NewPhoto = {}): PhotoFile {
    const make = PHOTO_FORMS[form];
    if (!make) throw new Error(`no photo form ${form}`);
    return this.world.addPhoto({ dc: this.#nextDc(), date: this.world.startDate, ...make(size), ...more });
  }

  document(form: string, size = this.random.between(3_000, 40_000), more: NewDocument = {}): DocumentFile {
    const template = DOCUMENT_FORMS[form];
    if (!template) throw new Error(`no document form ${form}`);
    return this.world.addDocument({ dc: this.#nextDc(), date: this.world.startDate, size, ...template, ...more });
  }

  #nextDc(): number {
    this.#made += 1;
    return 1 + (this.#made % 4);
  }
}
