/** What Postgres refuses is replaced, and nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText } from './clean-text.js';

const hostile = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\0', '\uD83D', '\uDE00', 'a'),
  ),
});

test('the result is well-formed without NUL; everything else stays where it was', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const clean = cleanText(text);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).not.toContain('\0');
      expect(clean).toHaveLength(text.length);
      const wellFormed = text.toWellFormed();
      for (let at = 0; at < text.length; at++) {
        if (clean[at] !== text[at])
          expect([clean[at], text[at] === '\0' || wellFormed[at] === '\uFFFD']).toEqual(['\uFFFD', true]);
      }
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});

test('valid text is unchanged', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => text.includes('\0') || cleanText(text) === text));
  expect(cleanText('a\u202Eb\r\n\u0001\uFFFF 👩‍👩‍👧')).toBe('a\u202Eb\r\n\u0001\uFFFF 👩‍👩‍👧');
});

test.each([
  ['a\0b', 'a\uFFFDb'],
  ['\uD83D', '\uFFFD'],
  ['\uDE00\uD83D', '\uFFFD\uFFFD'],
  ['\uD83D\0\uDE00', '\uFFFD\uFFFD\uFFFD'],
  ['😀\0', '😀\uFFFD'],
])('%j becomes %j', (text, clean) => {
  expect(cleanText(text)).toBe(clean);
});
