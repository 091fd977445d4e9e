/**
 * carried-media.ts: which files a message carries, and where in it they are.
 * "Carried" is what an archiver saves; the rest (another quality of the same video, a story, a wallpaper) is only nearby.
 */
import { DocumentFile, PhotoFile, type Media } from './media-file.js';
import type { Message } from './message.js';

/** One file of a message. */
export interface CarriedMedia {
  readonly media: Media;
  /** The constructor and field that contain it, such as `webPage.photo`. */
  readonly where: string;
  readonly carried: boolean;
}

const CARRIED = new Set([
  'messageMediaPhoto.photo',
  'messageMediaPhoto.video',
  'messageMediaDocument.document',
  'messageMediaDocument.video_cover',
  'richMessage.photos',
  'richMessage.documents',
  'webPage.photo',
  'webPage.document',
  'game.photo',
  'game.document',
  'messageActionChatEditPhoto.photo',
  'messageActionSuggestProfilePhoto.photo',
]);

/** Nothing below these fields counts as carried. */
const NEARBY = new Set(['story', 'reply_media', 'attributes']);

function* walk(value: unknown, where: string, carried: boolean): Generator<CarriedMedia> {
  if (value instanceof PhotoFile || value instanceof DocumentFile) {
    yield { media: value, where, carried: carried && CARRIED.has(where) };
  } else if (Array.isArray(value)) {
    for (const item of value) yield* walk(item, where, carried);
  } else if (value && typeof value === 'object' && !(value instanceof Uint8Array)) {
    const name = (value as { _?: string })._ ?? '';
    for (const [field, inner] of Object.entries(value))
      yield* walk(inner, `${name}.${field}`, carried && !NEARBY.has(field));
  }
}

/** Every file in a message, carried ones first. */
export function mediaOf(message: Message): CarriedMedia[] {
  if (!message.media && !message.action && !message.fields) return [];
  const { rich_message: rich, ...fields } = message.fields ?? {};
  return [
    ...walk(message.media, '', true),
    ...walk(message.action, '', true),
    ...walk(rich, '', true),
    ...walk(fields, '', false),
  ];
}
