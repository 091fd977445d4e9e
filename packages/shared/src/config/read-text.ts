/** read-text.ts: reads a text file as editors write it: UTF-8, or UTF-16 with a byte order mark, which Windows Notepad calls "Unicode". */
import { readFileSync } from 'node:fs';
import { PersonError } from '../errors/index.js';

/** Throws the disk's error, or a PersonError for bytes that are not text. */
export function readText(file: string): string {
  const bytes = readFileSync(file);
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes); // without the byte order mark
  } catch {
    throw new PersonError(`${file} is not UTF-8: save it as UTF-8 in your editor.`);
  }
}
