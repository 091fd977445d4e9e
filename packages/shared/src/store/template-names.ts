/**
 * template-names.ts: names and folders of links as media.name and media.folder want them. Pure. What strangers chose (titles, captions,
 * file names) never leaves its segment, and a folder of one chat is never taken for that of another, a repo or a hidden one.
 */
import type { NameTemplate, TemplatePart } from '../config/index.js';
import { chatOfFolder, repoFolders } from './layout.js';
import { extensionOf } from '../media-type/index.js';
import { bytes, cut, folded, graphemes, type NamedMedia, safeName, split, withMark } from './names.js';

/** What the placeholders stand for. */
export interface LinkFacts {
  chatId: bigint;
  messageId: bigint;
  /** Null if the message is unreadable. */
  date: Date | null;
  caption: string | null;
  /** The name that the chat keeps for its folders, see {@link titleName}. */
  title: string;
  /** The title of the topic, or its number; empty outside of topics. */
  topic: string;
}

/** What a chat is called in folders; `taken`: what other chats are called. An empty title gives the chat's id. */
export function titleName(chatId: bigint, title: string, taken: readonly string[], maxBytes: number): string {
  const mark = taken.length === 0 ? '' : chatMark(chatId, taken.length);
  const name = cut(tidy(title), maxBytes - bytes(mark));
  return name === '' ? `${chatId}${mark}` : `${name}${mark}`;
}

/** What tells a chat's folder from those of others of its name. */
function chatMark(chatId: bigint, nth: number): string {
  return nth === 1 ? ` (${chatId})` : ` (${chatId}_${nth})`;
}

/** The folder of a link within /media; `taken`: folders that are not this chat's. */
export function templateFolder(
  template: NameTemplate,
  media: NamedMedia,
  facts: LinkFacts,
  taken: readonly string[],
  maxBytes: number,
): string {
  const values = valuesOf(media, facts);
  const segments = template
    .map((parts) => segmentOf(parts, (part) => valueOf(part, values), maxBytes))
    .filter((it) => it !== '');
  const [first = '', ...others] = segments;
  const folder = [isReserved(first, facts.chatId) ? tidy(cut(`_${first}`, maxBytes)) : first, ...others].join('/');
  if (folder === '') return `${facts.chatId}`;
  return untaken(taken, (nth) => (nth === 0 ? folder : withEnd(folder, chatMark(facts.chatId, nth), maxBytes)));
}

/** The name of a link; `taken`: names of others in its folder. The extension is added unless the template has `{ext}`. */
export function templateName(
  template: NameTemplate,
  media: NamedMedia,
  facts: LinkFacts,
  taken: readonly string[],
  maxBytes: number,
): string {
  const values = valuesOf(media, facts);
  const parts = template[0]!;
  const has = (of: string) => parts.some((it) => typeof it !== 'string' && it.of === of);
  const ending = has('ext') ? '' : has('name') && values.name !== '' ? values.ending : `.${extensionOf(media)}`;
  const stem = segmentOf(parts, (part) => valueOf(part, values), maxBytes - bytes(ending));
  const name = tidy(`${stem}${ending}`);
  const mark = has('id') ? media.id : facts.messageId; // what the template leaves out
  return untaken(taken, (nth) =>
    nth === 0 ? name : withMark(name, nth === 1 ? `_${mark}` : `_${mark}_${nth}`, maxBytes),
  );
}

type Values = ReturnType<typeof valuesOf>;

function valuesOf(media: NamedMedia, { chatId, messageId, date, caption, title, topic }: LinkFacts) {
  const { stem, ending } = split(safeName(media.name ?? ''));
  return {
    chat: `${chatId}`,
    id: `${messageId}`,
    media: `${media.id}`,
    date: date?.toISOString().slice(0, 10) ?? '',
    title,
    topic: oneLine(topic),
    caption: oneLine(caption ?? ''),
    name: stem,
    /** With its dot; empty if the sender's name has none. */
    ending,
    ext: (ending || `.${extensionOf(media)}`).slice(1),
  };
}

/** Only text that somebody chose is shortened when a name is too long: ids and dates stay whole. */
const shortened = new Set(['title', 'topic', 'caption', 'name']);

interface Piece {
  text: string;
  isShortened: boolean;
}

function valueOf(part: TemplatePart, values: Values): Piece {
  if (typeof part === 'string') return { text: part, isShortened: false };
  const { of, width } = part;
  const isShortened = shortened.has(of);
  const value = values[of].normalize('NFC');
  if (width === undefined) return { text: value, isShortened };
  if (of === 'id' || of === 'media') return { text: padded(value, width), isShortened };
  return { text: graphemes(value, width), isShortened };
}

/** Pads the digits of an id. */
export function padded(id: string, digits: number): string {
  return id.startsWith('-') ? `-${id.slice(1).padStart(digits, '0')}` : id.padStart(digits, '0');
}

function segmentOf(parts: readonly TemplatePart[], value: (part: TemplatePart) => Piece, maxBytes: number): string {
  const pieces = parts.map(value);
  for (;;) {
    const whole = pieces.map((it) => it.text).join('');
    const excess = bytes(tidy(whole)) - maxBytes;
    if (excess <= 0) return tidy(whole);
    const longest = pieces.filter((it) => it.isShortened).reduce(longer, { text: '', isShortened: false });
    if (longest.text === '') return tidy(cut(tidy(whole), maxBytes));
    longest.text = cut(longest.text, Math.max(0, bytes(longest.text) - excess));
  }
}

const longer = (a: Piece, b: Piece): Piece => (bytes(b.text) > bytes(a.text) ? b : a);

/** Device names of Windows, which no file there can have, whatever its extension. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(?=$|\.)/i;

/** A whole segment, made safe again, as its values meet in it. Nothing is hidden, and nothing left out leaves a gap. */
function tidy(segment: string): string {
  const name = safeName(segment.normalize('NFC').replace(/ {2,}/g, ' ')).normalize('NFC').trimStart();
  return name.startsWith('.') || devices.test(name) ? `_${name}` : name;
}

/** Captions have lines, which become spaces. */
function oneLine(text: string): string {
  return safeName(text.replace(/\s+/g, ' ').trim());
}

/** Whether a first folder belongs to the archive itself, or looks like that of another chat or account. */
function isReserved(first: string, chatId: bigint): boolean {
  const name = folded(first);
  if (repoFolders.some((it) => folded(it) === name) || name.startsWith('@')) return true;
  return chatOfFolder(name) !== undefined && name !== `${chatId}`;
}

function untaken(taken: readonly string[], nth: (nth: number) => string): string {
  const others = new Set(taken.map(folded));
  for (let at = 0; ; at++) if (!others.has(folded(nth(at)))) return nth(at);
}

function withEnd(folder: string, mark: string, maxBytes: number): string {
  const at = folder.lastIndexOf('/') + 1;
  return `${folder.slice(0, at)}${cut(folder.slice(at), maxBytes - bytes(mark))}${mark}`;
}
