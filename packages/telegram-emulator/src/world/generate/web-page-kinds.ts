/**
 * web-page-kinds.ts: messages with a link, with every form of preview.
 */
import type { TlObject } from '../../tl/value.js';
import type { Kinds, Kit } from './kit.js';

const URL = 'https://example.org/garden';

const text = `Worth reading: ${URL}`;
const entities: TlObject[] = [{ _: 'messageEntityUrl', offset: 15, length: URL.length }];

function page(kit: Kit, more: Record<string, unknown>): TlObject {
  return {
    _: 'webPage',
    id: kit.random.id64(),
    url: URL,
    display_url: 'example.org/garden',
    hash: 0,
    type: 'article',
    site_name: 'Example',
    title: 'A garden in the city',
    description: 'What grows on four square metres.',
    ...more,
  };
}

const message = (webpage: TlObject, more: object = {}): { text: string; entities: TlObject[]; media: TlObject } => ({
  text,
  entities,
  media: { _: 'messageMediaWebPage', webpage, ...more },
});

function instantView(kit: Kit): TlObject {
  const photo = kit.files.photo();
  return {
    _: 'page',
    url: URL,
    part: true,
    blocks: [
      { _: 'pageBlockTitle', text: { _: 'textPlain', text: 'A garden in the city' } },
      {
        _: 'pageBlockPhoto',
        photo_id: photo.id,
        caption: { _: 'pageCaption', text: { _: 'textEmpty' }, credit: { _: 'textEmpty' } },
      },
    ],
    photos: [photo],
    documents: [],
  };
}

/** Link previews. */
export const WEB_PAGE_KINDS: Kinds = {
  'web page': (kit) => message(page(kit, {})),
  'web page with a photo': (kit) => message(page(kit, { photo: kit.files.photo(), has_large_media: true })),
  'web page with a document': (kit) => message(page(kit, { type: 'document', document: kit.files.document('pdf') })),
  'web page with a photo and a document': (kit) =>
    message(
      page(kit, {
        type: 'video',
        photo: kit.files.photo(),
        document: kit.files.document('video'),
        embed_url: `${URL}/embed`,
        embed_type: 'iframe',
        embed_width: 640,
        embed_height: 360,
        duration: 12,
        author: 'Greta',
      }),
      { force_large_media: true, manual: true, safe: true },
    ),
  'web page with an instant view': (kit) => message(page(kit, { cached_page: instantView(kit) })),
  'web page of a sticker set': (kit) =>
    message(
      page(kit, {
        type: 'telegram_stickerset',
        attributes: [{ _: 'webPageAttributeStickerSet', emojis: true, stickers: [kit.files.document('sticker')] }],
      }),
    ),
  'empty web page': (kit) => message({ _: 'webPageEmpty', id: kit.random.id64(), url: URL }),
  'pending web page': (kit) => message({ _: 'webPagePending', id: kit.random.id64(), url: URL, date: 1_704_067_200 }),
};
