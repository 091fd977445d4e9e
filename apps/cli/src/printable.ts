/** printable.ts: texts of strangers on a terminal: no control characters, no direction marks, not too long. */
export function printable(text: string, most = 40): string {
  const clean = text.replace(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '');
  const characters = Array.from(new Intl.Segmenter('und').segment(clean), (it) => it.segment);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : clean;
}
