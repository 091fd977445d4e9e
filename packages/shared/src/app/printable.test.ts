/** Nothing that strangers wrote reaches a terminal as anything but text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapedJson, printableJson, printableLine, printableText } from './printable.js';

const nasty = '\u001B]0;owned\u0007\u009B31mred\u202Etxt.exe\u2066\u0000\b\f\r\u2028';
const isNasty = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

test('characters that move, colour, rename or reverse are removed; text stays', () => {
  expect(printableLine(`a${nasty}b\nc`)).toBe('a]0;owned31mredtxt.exebc');
  expect(printableText(`a\n\tb${nasty}`)).toBe('a\n\tb]0;owned31mredtxt.exe');
  for (const text of ['Río Abajo', '👨‍👩‍👧', 'سلام', 'क्‍ष']) expect(printableText(text)).toBe(text);
});

test('a log line is still JSON with the same content otherwise', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from(nasty), '\\', '"', 'u', '0', '1', 'b', 'f', 'n', '\n', 'x') }),
      (text) => {
        const shown = (JSON.parse(printableJson(JSON.stringify({ text }))) as { text: string }).text;
        expect(shown.replaceAll('\r', '')).toBe(printableText(text));
        expect((JSON.parse(escapedJson(JSON.stringify({ text }))) as { text: string }).text).toBe(text);
        expect(escapedJson(JSON.stringify({ text }))).not.toMatch(isNasty);
      },
    ),
    { numRuns: 2000 },
  );
});
