/** media.ts: which photos and documents a message contains, with everything a later download needs. Pure. */
import { Api } from '../wire/gramjs.js';
import type { MediaRow } from '../../db/messages.js';
import { categoryOf } from '../../rules/index.js';
import { cleanText } from './clean-text.js';

type Via = MediaRow['via'];

/** Every photo and document of a message, each once, in order. */
export function mediaOf(message: Api.Message | Api.MessageService): MediaRow[] {
  const found =
    message instanceof Api.MessageService
      ? ofAction(message.action)
      : [
          ...inHurry(message.media, ofMedia(message.media, 'media')),
          ...ofRich(newer(message, 'richMessage') as Rich | undefined),
        ];
  const unique = new Map(found.map((it) => [`${it.kind}-${it.id}`, it] as const));
  return [...unique.values()];
}

/** Media with `ttl_seconds` can be viewed once, or for so long. */
function inHurry(media: Api.TypeMessageMedia | null | undefined, found: MediaRow[]): MediaRow[] {
  const { ttlSeconds } = (media ?? {}) as { ttlSeconds?: number };
  return ttlSeconds ? found.map((it) => ({ ...it, isUrgent: true })) : found;
}

/** What a preview shows. */
export function webPageMedia(page: Api.TypeWebPage): MediaRow[] {
  if (!(page instanceof Api.WebPage)) return [];
  return [...photo(page.photo, 'webpage'), ...document(page.document, 'webpage')];
}

function ofMedia(media: Api.TypeMessageMedia | null | undefined, via: Via): MediaRow[] {
  if (media instanceof Api.MessageMediaPhoto)
    return [
      ...photo(media.photo, via),
      ...document(newer(media, 'video') as Api.TypeDocument | undefined, beside(via, 'live')),
    ];
  if (media instanceof Api.MessageMediaDocument)
    return [...document(media.document, via), ...photo(media.videoCover, beside(via, 'cover'))];
  if (media instanceof Api.MessageMediaPoll) return ofPoll(media);
  if (media instanceof Api.MessageMediaWebPage) return webPageMedia(media.webpage);
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

/** Reads a field that GramJS's types, made for an older layer, do not have. */
function newer(it: object, field: string): unknown {
  return (it as Record<string, unknown>)[field] ?? undefined;
}

/** What accompanies the message's own media is marked as such; elsewhere, where it was found matters more. */
function beside(via: Via, what: Via): Via {
  return via === 'media' ? what : via;
}

/** Media of the question, the answers and the solution. */
function ofPoll(media: Api.MessageMediaPoll): MediaRow[] {
  const parts: [object, string][] = [
    [media, 'attachedMedia'],
    ...media.poll.answers.map((it): [object, string] => [it, 'media']),
    [media.results, 'solutionMedia'],
  ];
  return parts.flatMap(([it, field]) => ofMedia(newer(it, field) as Api.TypeMessageMedia | undefined, 'poll'));
}

interface Rich {
  photos: Api.TypePhoto[];
  documents: Api.TypeDocument[];
}

function ofRich(rich: Rich | undefined): MediaRow[] {
  if (!rich) return [];
  return [...rich.photos.flatMap((it) => photo(it, 'rich')), ...rich.documents.flatMap((it) => document(it, 'rich'))];
}

function ofAction(action: Api.TypeMessageAction): MediaRow[] {
  if (action instanceof Api.MessageActionChatEditPhoto || action instanceof Api.MessageActionSuggestProfilePhoto) {
    return photo(action.photo, 'action');
  }
  // An answer was added to a poll, or removed.
  return ofMedia((newer(action, 'answer') as { media?: Api.TypeMessageMedia } | undefined)?.media, 'poll');
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
      category: 'photo',
    },
  ];
}

/** Sizes are not always in order: the one with the most pixels wins, then the one with the most bytes. */
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
      category: categoryOf(
        it.attributes.map((one) => ({
          constructor: one.className,
          isRound: 'roundMessage' in one && one.roundMessage === true,
          isVoice: 'voice' in one && one.voice === true,
        })),
      ),
    },
  ];
}
