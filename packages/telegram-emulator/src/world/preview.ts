/**
 * preview.ts: the preview of a link. It may be pending: clients then get `webPagePending` with the date from which
 * they may ask again, and the page once it is ready.
 */
import type { TlObject } from '../tl/value.js';
import type { DocumentFile, PhotoFile } from './media-file.js';
import type { Message } from './message.js';
import { hashText } from './random.js';

/** Options for a preview. */
export interface Preview {
  readonly url: string;
  /** Unix seconds until which it is pending. By default it is ready at once. */
  readonly pendingUntil?: number;
  readonly title?: string;
  readonly photo?: PhotoFile;
  readonly document?: DocumentFile;
  /** There turns out to be no preview: `webPageEmpty`. */
  readonly empty?: boolean;
  /** Any other field of `webPage`, by its name in the schema. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

const idOf = (url: string): bigint => hashText(`preview ${url}`) >> 1n;

/** The media of a message with this preview, once ready. */
export function previewMedia({ url, title, photo, document, empty, fields }: Preview): TlObject {
  const id = idOf(url);
  const page = { _: 'webPage', id, url, display_url: url.replace(/^https?:\/\//, ''), hash: 0, title, photo, document };
  return { _: 'messageMediaWebPage', webpage: empty ? { _: 'webPageEmpty', id, url } : { ...page, ...fields } };
}

/** The media at this time, in Unix seconds. */
export function mediaNow({ media, pendingUntil }: Message, now: number): TlObject | undefined {
  if (media?._ !== 'messageMediaWebPage' || pendingUntil === undefined || now >= pendingUntil) return media;
  const { id, url } = media['webpage'] as TlObject;
  return { ...media, webpage: { _: 'webPagePending', id, url, date: pendingUntil } };
}
