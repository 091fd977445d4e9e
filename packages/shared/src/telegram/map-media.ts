/** map-media.ts: which photos and documents a message brings, with all that a later download needs. Pure. */
import { Api } from 'telegram';
import type { MediaRow } from '../db/messages.js';
import { cleanText } from './clean-text.js';

type Via = MediaRow['via'];

/** Every photo and document of a message, each once, in order. */
export function mediaOf(message: Api.Message | Api.MessageService): MediaRow[] {
  const found = message instanceof Api.MessageService ? ofAction(message.action) : ofMedia(message.media, 'media');
  const unique = new Map(found.map((it) => [`${it.kind}-${it.id}`, it] as const));
  return [...unique.values()];
}

function ofMedia(media: Api.TypeMessageMedia | null | undefined, via: Via): MediaRow[] {
  if (media instanceof Api.MessageMediaPhoto) return photo(media.photo, via);
  if (media instanceof Api.MessageMediaDocument) return document(media.document, via);
  if (media instanceof Api.MessageMediaWebPage && media.webpage instanceof Api.WebPage) {
    return [...photo(media.webpage.photo, 'webpage'), ...document(media.webpage.document, 'webpage')];
  }
  if (media instanceof Api.MessageMediaGame) {
    return [...photo(media.game.photo, 'game'), ...document(media.game.document, 'game')];
  }
  if (media instanceof Api.MessageMediaPaidMedia) {
    return media.extendedMedia.flatMap((it) =>
      it instanceof Api.MessageExtendedMedia ? ofMedia(it.media, 'paid') : [],
    );
  }
  if (media instanceof Api.MessageMediaInvoice && media.extendedMedia instanceof Api.MessageExtendedMedia) {
    return ofMedia(media.extendedMedia.media, 'paid');
  }
  return [];
}

function ofAction(action: Api.TypeMessageAction): MediaRow[] {
  if (action instanceof Api.MessageActionChatEditPhoto || action instanceof Api.MessageActionSuggestProfilePhoto) {
    return photo(action.photo, 'action');
  }
  return [];
}

function photo(it: Api.TypePhoto | null | undefined, via: Via): MediaRow[] {
  if (!(it instanceof Api.Photo)) return [];
  const largest = largestSize(it.sizes);
  if (!largest) return [];
  return [
    {
      kind: 'photo',
      id: BigInt(it.id.toString()),
      via,
      dcId: it.dcId,
      accessHash: BigInt(it.accessHash.toString()),
      fileReference: it.fileReference,
      size: BigInt(largest.bytes),
      thumbSize: largest.type,
      type: null,
      name: null,
    },
  ];
}

/** Sizes are not always in order: the one with most pixels counts, then the one with most bytes. */
function largestSize(sizes: readonly Api.TypePhotoSize[]): { type: string; bytes: number } | undefined {
  const real = sizes.flatMap((it) => {
    if (it instanceof Api.PhotoSize) return [{ type: it.type, pixels: it.w * it.h, bytes: it.size }];
    if (it instanceof Api.PhotoSizeProgressive) {
      return [{ type: it.type, pixels: it.w * it.h, bytes: Math.max(0, ...it.sizes) }];
    }
    return []; // stripped, cached and path sizes are previews inside the message
  });
  return real.sort((a, b) => b.pixels - a.pixels || b.bytes - a.bytes)[0];
}

function document(it: Api.TypeDocument | null | undefined, via: Via): MediaRow[] {
  if (!(it instanceof Api.Document)) return [];
  const named = it.attributes.find((one) => one instanceof Api.DocumentAttributeFilename);
  return [
    {
      kind: 'document',
      id: BigInt(it.id.toString()),
      via,
      dcId: it.dcId,
      accessHash: BigInt(it.accessHash.toString()),
      fileReference: it.fileReference,
      size: BigInt(it.size.toString()),
      thumbSize: null,
      type: cleanText(it.mimeType),
      name: named ? cleanText(named.fileName) : null,
    },
  ];
}
