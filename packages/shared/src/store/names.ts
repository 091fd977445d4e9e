/**
 * names.ts: file names chosen by strangers, made safe for any file system. Pure. A name never leaves its folder, is valid UTF-8 of at
 * most 255 (or fewer) bytes with its extension kept, and contains nothing that confuses Windows or a terminal.
 */
import { extensionOf } from '../media-type/index.js';

/** The longest name that most file systems allow, in bytes of UTF-8. */
const usualMaxBytes = 255;

export interface NamedMedia {
  kind: 'photo' | 'document';
  id: bigint;
  type: string | null;
  name: string | null;
}

/** The name of a media in its repo. */
export function repoName(media: NamedMedia): string {
  return `${media.id}.${extensionOf(media)}`;
}

/** The name of the link in a chat's folder; `taken` are the names of other media of the same message, `digits` those to which the message id is padded. */
export function linkName(
  media: NamedMedia,
  messageId: bigint,
  taken: readonly string[] = [],
  maxBytes = usualMaxBytes,
  digits = 0,
): string {
  const preferred = preferredName(media, `${messageId}`.padStart(digits, '0'), maxBytes);
  const others = new Set(taken.map(folded));
  let name = preferred;
  for (let nth = 1; others.has(folded(name)); nth++) {
    name = withMark(preferred, nth === 1 ? `_${media.id}` : `_${media.id}_${nth}`, maxBytes); // another file may already be named like that
  }
  return name;
}

/**
 * Some file systems ignore case, or treat the two ways to write an accent as the same. Some characters have two capitals (ß, ᾀ): by way of
 * these a name is the same as its own in capitals.
 */
export function folded(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

function preferredName(media: NamedMedia, messageId: string, maxBytes: number): string {
  if (media.kind === 'photo') return `${messageId}_${media.id}.${extensionOf(media)}`;
  const name = fit(`${messageId} `, safeName(media.name ?? ''), maxBytes);
  return name === messageId ? `${messageId}.${extensionOf(media)}` : name; // nothing safe was left
}

/** The name with a mark before its extension. */
export function withMark(name: string, mark: string, maxBytes: number): string {
  const { stem, ending } = split(name);
  return `${cut(stem, maxBytes - bytes(mark) - bytes(ending))}${mark}${ending}`;
}

/** The name without anything that a path, a terminal or Windows would interpret; may be empty. */
export function safeName(name: string): string {
  return name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '') // control characters and line separators
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '') // direction marks disguise an extension
    .replace(/[/\\<>:"|?*]/g, '_')
    .replace(/[. ]+$/, '');
}

function fit(prefix: string, name: string, maxBytes: number): string {
  const { stem, ending } = split(name);
  return `${prefix}${cut(stem, maxBytes - bytes(prefix) - bytes(ending))}${ending}`.replace(/[. ]+$/, '');
}

/** The extension is kept when a name has to be cut, if it looks like one. */
export function split(name: string): { stem: string; ending: string } {
  const at = name.lastIndexOf('.');
  const ending = at > 0 ? name.slice(at) : '';
  return /^\.[^\s.]+$/.test(ending) && bytes(ending) <= 32
    ? { stem: name.slice(0, at), ending }
    : { stem: name, ending: '' };
}

/** Cuts whole graphemes off the end until it fits; splits one only if it is too long by itself. */
export function cut(text: string, most: number): string {
  return bytes(text) <= most ? text : fitting(characters(text), most) || fitting(text, most);
}

/** The first `most` characters as a person counts them. */
export function graphemes(text: string, most: number): string {
  return [...characters(text)].slice(0, most).join('');
}

function* characters(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)) yield segment;
}

function fitting(pieces: Iterable<string>, most: number): string {
  let kept = '';
  let size = 0;
  for (const piece of pieces) {
    size += bytes(piece);
    if (size > most) break;
    kept += piece;
  }
  return kept;
}

/** The size of a text in UTF-8. */
export function bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
