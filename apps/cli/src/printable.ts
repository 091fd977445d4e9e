/** printable.ts: fits text from strangers into a line or column: no control characters or direction marks, limited length. */
import { printableLine } from '@tgsync/shared/app';

export function printable(text: string, most = 40): string {
  const clean = printableLine(text);
  if (clean.length <= most) return clean; // no text has more characters than units, and counting them is slow
  const characters = Array.from(new Intl.Segmenter('und').segment(clean), (it) => it.segment);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : clean;
}
