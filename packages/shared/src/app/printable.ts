/**
 * printable.ts: makes text from strangers (titles, names, reasons) safe to print on a terminal, in a log or in a list. Control characters
 * can move the cursor, rename the window or type in the person's name; direction marks can reverse a line. Pure.
 */

/** C0 and C1 controls, direction marks, line separators. Joiners stay: emoji and some scripts need them. */
const marks = '\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069';
const inLines = new RegExp(`[\\p{Cc}${marks}]`, 'gu');
const inText = new RegExp(`(?![\\n\\t])[\\p{Cc}${marks}]`, 'gu');
/** As they appear in JSON: C0 controls escaped, after an even number of backslashes. */
const inJson = new RegExp(`(?<!\\\\)((?:\\\\\\\\)*)\\\\(?:u00[01][0-9a-f]|[bf])|[\\u007F-\\u009F${marks}]`, 'giu');

/** On one line. */
export function printableLine(text: string): string {
  return text.replace(inLines, '');
}

/** Keeps line breaks and columns. */
export function printableText(text: string): string {
  return text.replace(inText, '');
}

/** Like the above, for a line of JSON whose strings another program may print. */
export function printableJson(json: string): string {
  return json.replace(inJson, '$1');
}

/** JSON with every character readable, for programs: nothing is lost. */
export function escapedJson(json: string): string {
  return json.replace(
    new RegExp(`[\\u007F-\\u009F${marks}]`, 'gu'),
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
