/**
 * file-plan.ts: which files the ordinary messages carry, so that their number and their bytes add up to what was requested.
 */
import type { NewMessage } from '../message.js';
import type { Random } from '../random.js';
import type { FileMaker } from './file-maker.js';
import { caption } from './texts.js';

/** How often a form occurs, and its size relative to a photo. */
const MIX: readonly (readonly [form: string, share: number, weight: number])[] = [
  ['photo:usual', 40, 1],
  ['photo:portrait', 8, 1],
  ['photo:progressive', 8, 1.4],
  ['photo:largest first', 4, 2],
  ['video', 6, 22],
  ['video without a name', 3, 12],
  ['round video', 2, 5],
  ['animation', 3, 4],
  ['voice', 6, 0.6],
  ['music', 4, 14],
  ['sticker', 5, 0.3],
  ['animated sticker', 2, 0.2],
  ['pdf', 4, 5],
  ['archive', 2, 18],
  ['text file', 2, 0.1],
  ['image as a file', 2, 3],
];

/** No photo exceeds what the server would produce, in bytes. */
const MOST_PHOTO = 4_000_000;

/** A file to be made. */
export interface PlannedFile {
  readonly form: string;
  readonly size: number;
}

/** Plans `count` files with `bytes` in total. */
export function planFiles(random: Random, count: number, bytes: number): PlannedFile[] {
  const total = MIX.reduce((sum, [, share]) => sum + share, 0);
  const drawn = Array.from({ length: count }, () => {
    let left = random.int(total);
    const [form, , weight] = MIX.find(([, share]) => (left -= share) < 0) ?? ['voice', 0, 1];
    return { form, weight: weight * (0.3 + random.int(1000) / 600) };
  });
  const weights = drawn.reduce((sum, it) => sum + it.weight, 0);
  return drawn.map(({ form, weight }) => {
    const size = Math.max(100, Math.round((weight / weights) * bytes));
    return { form, size: form.startsWith('photo:') ? Math.min(size, MOST_PHOTO) : size };
  });
}

/** Whether a file may be part of an album. */
export const fitsAlbum = ({ form }: PlannedFile): boolean => form.startsWith('photo:') || form === 'video';

/** The message that carries a planned file. */
export function carry(files: FileMaker, random: Random, { form, size }: PlannedFile): NewMessage {
  if (form.startsWith('photo:')) return { photo: files.photo(form.slice(6), size), text: caption(random) };
  return { document: files.document(form, size), text: '' };
}
