/**
 * printable.ts: what strangers wrote (titles, names, reasons), made safe where lines are written: on a terminal, in a log, in a list.
 * Control characters can move the cursor, rename the window or answer in the person's name; direction marks can turn a line around. Pure.
 */

/** C0 and C1 controls, direction marks, line separators. Joiners stay: emoji and some scripts need them. */
const marks = '\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069';
const inLines = new RegExp(`[\\p{Cc}${marks}]`, 'gu');
const inText = new RegExp(`(?![\\n\\t])[\\p{Cc}${marks}]`, 'gu');
/** As JSON has them: the C0 ones escaped, with an even number of backslashes before. */
const inJson = new RegExp(`(?<!\\\\)((?:\\\\\\\\)*)\\\\(?:u00[01][0-9a-f]|[bf])|[\\u007F-\\u009F${marks}]`, 'giu');

/** On one line. */
export function printableLine(text: string): string {
  return text.replace(inLines, '');
}

/** Lines and columns stay. */
export function printableText(text: string): string {
  return text.replace(inText, '');
}

/** The same for a line of JSON whose texts may be shown by another program. */
export function printableJson(json: string): string {
  return json.replace(inJson, '$1');
}

/** JSON in which every character can be read, for programs: nothing is lost. */
export function escapedJson(json: string): string {
  return json.replace(
    new RegExp(`[\\u007F-\\u009F${marks}]`, 'gu'),
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
